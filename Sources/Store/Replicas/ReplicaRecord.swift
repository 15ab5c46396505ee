/// A run of a gateway, as it makes itself known to the others.
public struct ReplicaDescription: Sendable, Hashable {
    /// Each start makes a new one.
    public let id: String
    /// The machine's name.
    public let host: String
    public let processID: Int64
    public let gatewayVersion: String
    /// Of its configuration file; gateways with different files are told apart by it.
    public let configurationHash: String

    public init(id: String, host: String, processID: Int64, gatewayVersion: String, configurationHash: String) {
        self.id = id
        self.host = host
        self.processID = processID
        self.gatewayVersion = gatewayVersion
        self.configurationHash = configurationHash
    }
}

/// What a running gateway says of itself.
public enum ReplicaStatus: String, Sendable {
    case serving, draining, stopped
    /// Silent for so long that others count it as gone.
    case lost
}

/// A run of a gateway as the database has it.
public struct ReplicaRecord: Sendable, Hashable {
    public let description: ReplicaDescription
    public let status: ReplicaStatus
    /// By the database's clock: microseconds since its last heartbeat.
    public let silentFor: Int64
}
