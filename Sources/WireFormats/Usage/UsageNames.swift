/// The names of the counts in a family's `usage` object.
package struct UsageNames: Sendable {
    let input: StaticString
    let output: StaticString
    let inputDetails: StaticString
    let outputDetails: StaticString
    /// Whether a total without an input is the input, in a family without output tokens.
    var totalIsInput = false
}
