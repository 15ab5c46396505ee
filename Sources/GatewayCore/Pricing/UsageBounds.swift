/// What a request says about how much it may use, before it is sent: the base of the hold.
public struct UsageBounds: Sendable, Hashable {
    /// The caller's limit on the output of one choice; nil if there is none.
    public var maxOutputTokens: Int64?
    /// How many answers the caller asks for (`n`).
    public var choices: Int64 = 1
    /// The images in the input.
    public var images: Int64 = 0
    /// The input has parts whose tokens cannot be told from their bytes: audio, files, what the provider has stored.
    public var hasUnboundedInput = false
    /// The operation has no output that is billed.
    public var hasOutput = true
    /// The field that changes the price in a way that the price list does not cover; nil if none does.
    public var billingModifier: String?

    public init() {}
}
