/// The configuration as it takes effect, defaults filled in, references as such and secrets masked: what
/// `gateway config show` prints.
///
/// The readers build it as they read, so it cannot differ from what was read.
indirect enum EffectiveValue: Sendable, Hashable {
    struct Entry: Sendable, Hashable {
        let key: String
        let value: EffectiveValue
    }

    case null
    /// A number or a boolean, without quotes.
    case bare(String)
    case text(String)
    /// A setting that is written as a reference: it is shown as that, and stored as its value.
    case referenced(String, EffectiveValue)
    case list([EffectiveValue])
    case mapping([Entry])
}
