/// The configuration as it takes effect, defaults filled in and secrets masked: what `gateway config show` prints.
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
    case list([EffectiveValue])
    case mapping([Entry])
}
