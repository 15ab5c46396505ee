/// The version for `gateway --version` and the table of replicas. The first release is 0.1.0.
enum GatewayVersion {
    static let current = "0.1.0-dev"
}
