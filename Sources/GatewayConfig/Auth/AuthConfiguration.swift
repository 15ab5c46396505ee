/// The `auth` section: keys, administrators and sign-in.
public struct AuthConfiguration: Sendable, Hashable {
    /// How long a gateway that cannot reach the database continues to serve.
    public let maxStalenessSeconds: Int
    /// The first administrator.
    public let bootstrapAdmin: BootstrapAdminConfiguration
    /// Keys that the file lists; names are unique.
    public let seedAPIKeys: [SeedAPIKey]
    /// How long a key's replaced value stays valid.
    public let seedKeyOverlapSeconds: Int
    /// Rises with each version of the file; a file with a lower one than the last seeding writes nothing.
    public let seedGeneration: Int?
    /// Lifetimes of sign-ins.
    public let session: SessionConfiguration
    /// Single sign-on; keys are unique.
    public let oidc: [OIDCProviderConfiguration]

    /// - Parameter allowsShortSecrets: whether the gateway is local: its database is a file, and it listens on a
    ///   loopback address.
    init(_ map: MappingReader, allowsShortSecrets: Bool) {
        maxStalenessSeconds = map.value("max_staleness_seconds", .integer(in: 1...86400), default: 300)
        bootstrapAdmin = map.section("bootstrap_admin", BootstrapAdminConfiguration.init)
        seedAPIKeys = map.list("seed_api_keys") { SeedAPIKey($0, allowsShortSecrets: allowsShortSecrets) }.map(\.value)
        seedKeyOverlapSeconds = map.value("seed_key_overlap_seconds", .integer(in: 0...31_536_000), default: 0)
        seedGeneration = map.optional("seed_generation", .integer(in: 0...Int.max))
        session = map.section("session", SessionConfiguration.init)
        oidc = map.list("oidc", OIDCProviderConfiguration.init).map(\.value)
    }
}

/// Lifetimes of a signed-in user's session.
public struct SessionConfiguration: Sendable, Hashable {
    /// A session ends after this time without use.
    public let idleSeconds: Int
    /// The maximum age of a session.
    public let absoluteSeconds: Int

    init(_ map: MappingReader) {
        idleSeconds = map.value("idle_seconds", .integer(in: 60...31_536_000), default: 12 * 3600)
        absoluteSeconds = map.value("absolute_seconds", .integer(in: 60...31_536_000), default: 7 * 86400)
        if absoluteSeconds < idleSeconds {
            map.error("absolute_seconds", "must not be less than idle_seconds (\(idleSeconds))")
        }
    }
}
