public import GatewayConfig
public import GatewayCore
public import Store

/// The first administrator, created while no other administrator can sign in (control-plane.md, Identity).
public struct BootstrapAdmin: Sendable {
    /// The state that was found or created.
    public enum Outcome: Sendable, Hashable {
        case created(email: String, mustChangePassword: Bool)
        /// It already exists, and was not changed.
        case exists(email: String, mustChangePassword: Bool)
        /// Other active administrators exist; their e-mails.
        case notNeeded(admins: [String])
        /// The configuration disables it. `hasAdmin` tells whether any administrator can sign in.
        case disabled(hasAdmin: Bool)
    }

    private let configuration: BootstrapAdminConfiguration
    private let cost: PasswordHash.Cost

    /// - Parameter cost: the cost of the stored password hash.
    public init(_ configuration: BootstrapAdminConfiguration, cost: PasswordHash.Cost = .standard) {
        self.configuration = configuration
        self.cost = cost
    }

    /// Creates the administrator if it is needed. Any number of gateways may do so at once.
    ///
    /// - Throws: `SeedError.bootstrapEmailTaken`, `StoreError`. Nothing was changed then.
    public func ensure(in store: GatewayStore) async throws -> Outcome {
        let found = try await store.read { try Self.look($0) }
        guard configuration.isEnabled, let password = configuration.password else {
            return .disabled(hasAdmin: found != nil)
        }
        if let found { return found }
        let hash = try await runBlocking { try PasswordHash(of: password, cost: cost) }
        let (email, mustChange) = (configuration.email, configuration.requiresPasswordChange)
        return try await store.transaction(by: Seeder.actor) { transaction in
            // Another gateway may have created it meanwhile.
            if let found = try Self.look(transaction.reader) { return found }
            guard try transaction.reader.user(email: email) == nil else {
                throw SeedError.bootstrapEmailTaken(email)
            }
            try transaction.createBootstrapAdmin(email: email, password: hash, mustChangePassword: mustChange)
            return .created(email: email, mustChangePassword: mustChange)
        }
    }

    /// Nil if no administrator can sign in.
    private static func look(_ reader: StoreReader) throws -> Outcome? {
        let users = try reader.users()
        if let bootstrap = users.first(where: \.isBootstrap) {
            return .exists(
                email: bootstrap.definition.email,
                mustChangePassword: try reader.mustChangePassword(userID: bootstrap.id))
        }
        let admins = users.filter { $0.status == .active && $0.definition.globalRole == .platformAdmin }
        return admins.isEmpty ? nil : .notNeeded(admins: admins.map(\.definition.email))
    }
}

extension BootstrapAdmin.Outcome {
    /// The state as one word.
    public var word: String {
        switch self {
        case .created: "created"
        case .exists: "exists"
        case .notNeeded: "not_needed"
        case .disabled: "disabled"
        }
    }

    /// The state in one sentence.
    public var message: String {
        switch self {
        case .created(let email, let mustChange):
            "Created the bootstrap administrator \(email)"
                + (mustChange ? "; the password must be changed at the first sign-in." : ".")
        case .exists(let email, let mustChange):
            "The bootstrap administrator \(email) already exists"
                + (mustChange ? " and has not changed the first password yet" : "") + "; nothing was changed."
        case .notNeeded(let admins):
            "There is an active platform administrator (\(admins.joined(separator: ", "))); no bootstrap administrator is needed."
        case .disabled(let hasAdmin):
            "auth.bootstrap_admin.enabled is false, so no administrator was created"
                + (hasAdmin ? "." : ", and none exists: no administrator can sign in to /admin.")
        }
    }
}
