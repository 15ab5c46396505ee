/// The address of a listener.
public struct BindAddress: Sendable, Hashable, CustomStringConvertible {
    /// An IP address or a host name, without brackets.
    public let host: String
    /// 0 lets the system choose a port.
    public let port: Int

    /// Reads `host:port` and `[IPv6 address]:port`; nil for anything else.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        guard let port = UInt16(text[text.index(after: colon)...]), let host = Host(String(text[..<colon])) else {
            return nil
        }
        self.host = host.name
        self.port = Int(port)
    }

    private init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    static let standard = BindAddress(host: "0.0.0.0", port: 8080)

    /// Whether only this machine can reach it.
    public var isLoopback: Bool {
        host == "localhost" || host == "::1" || (host.hasPrefix("127.") && IPNetwork(host) != nil)
    }

    /// `host:port`, with an IPv6 address in brackets.
    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

extension ScalarKind where Value == BindAddress {
    static var address: ScalarKind {
        .string(
            "an address and a port such as \"127.0.0.1:8080\" or \"[::1]:8080\"", show: \.description,
            read: BindAddress.init)
    }
}
