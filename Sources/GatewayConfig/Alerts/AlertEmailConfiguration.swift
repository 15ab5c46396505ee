public import GatewayCore

/// Alerts by e-mail.
public struct AlertEmailConfiguration: Sendable, Hashable {
    /// The sender's address.
    public let fromEmail: String
    /// The sender's name.
    public let fromName: String
    /// How mail is sent.
    public let transport: MailTransport

    init(_ map: MappingReader) {
        fromEmail = map.required("from_email", .email) ?? ""
        fromName = map.value("from_name", .name, default: "Sluice")
        transport = map.requiredSection("transport", "a mapping with kind smtp or log", MailTransport.init) ?? .log
    }
}

/// How mail is sent.
public enum MailTransport: Sendable, Hashable {
    /// Mail goes to the log and is not sent.
    case log
    case smtp(SMTPConfiguration)

    private enum Kind: String, CaseIterable {
        case smtp, log
    }

    init(_ map: MappingReader) {
        switch map.required("kind", ScalarKind<Kind>.choice) {
        case .log: self = .log
        case .smtp, nil: self = .smtp(SMTPConfiguration(map))
        }
    }
}

/// A mail server.
public struct SMTPConfiguration: Sendable, Hashable {
    /// How the connection is encrypted.
    public enum Encryption: String, Sendable, CaseIterable {
        case starttls, implicit, none
    }

    /// A name or an IP address.
    public let host: String
    /// 587 by default, 465 with implicit TLS.
    public let port: Int
    /// Nil for a server that requires none; then `password` is nil too.
    public let username: String?
    /// Present with `username`.
    public let password: Secret?
    /// How the connection is encrypted.
    public let encryption: Encryption

    init(_ map: MappingReader) {
        host = map.required("host", .host) ?? ""
        encryption = map.value("tls", .choice, default: .starttls)
        port = map.value("port", .integer(in: 1...65535), default: encryption == .implicit ? 465 : 587)
        username = map.optional("username", .text("a user name"))
        password = map.optionalSecret("password")
        if (map.node("username") == nil) != (map.node("password") == nil) {
            map.context.error(at: map.place, "username and password must be set together")
        }
    }
}

extension ScalarKind where Value == String {
    fileprivate static var host: ScalarKind {
        .string("a host name or an IP address", show: { $0 }) { Host($0)?.name ?? (IPNetwork($0) != nil ? $0 : nil) }
    }
}
