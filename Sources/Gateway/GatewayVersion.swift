/// What `gateway --version` prints and replicas tell each other. The first release is 0.1.0.
enum GatewayVersion {
    static let current = "0.1.0-dev"
}
