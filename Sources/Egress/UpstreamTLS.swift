import NIOCore
import NIOSSL

/// The trust roots for an upstream's certificate: the system's and, if given, those of one more file. The verification
/// is always full.
///
/// There is one per provider, made when the configuration is loaded: reading the roots takes tens of milliseconds.
public final class UpstreamTLS: Sendable {
    private let context: NIOSSLContext

    /// - Parameter trustRoots: the text of a PEM file with additional trust roots, for a private certificate authority.
    /// - Throws: `UpstreamFailure` of kind `tls` if the text has no certificates.
    public init(trustRoots: String? = nil) throws(UpstreamFailure) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .fullVerification
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            if let trustRoots {
                let certificates = try NIOSSLCertificate.fromPEMBytes(Array(trustRoots.utf8))
                configuration.additionalTrustRoots = [.certificates(certificates)]
            }
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw UpstreamFailure(.tls, "the trust roots cannot be used: \(error)")
        }
    }

    func makeHandler(host: String) throws -> NIOSSLClientHandler {
        // Server name indication has names only (RFC 6066, section 3); an address is still checked against the
        // certificate.
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
    }
}

extension UpstreamOrigin {
    /// Nil for plain HTTP.
    func makeTLSHandler() throws -> NIOSSLClientHandler? {
        switch address {
        case .tcp(let host, _): try tls?.makeHandler(host: host)
        case .unix: nil
        }
    }
}
