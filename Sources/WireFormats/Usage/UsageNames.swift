/// What a family calls the counts of its `usage` object.
package struct UsageNames: Sendable {
    let input: StaticString
    let output: StaticString
    let inputDetails: StaticString
    let outputDetails: StaticString
    /// Whether a total without an input is the input, in a family whose answers have no output to count.
    var totalIsInput = false
}
