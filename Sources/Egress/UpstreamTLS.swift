import NIOCore
import NIOSSL

/// How an upstream's certificate is judged: always in full, by the system's trust roots and, if given, one more file.
///
/// Made once per provider when the configuration is loaded, since reading the roots takes tens of milliseconds.
public final class UpstreamTLS: Sendable {
    private let context: NIOSSLContext

    /// - Parameter caPath: a PEM file with further trust roots, for a private certificate authority.
    /// - Throws: `UpstreamFailure` of kind `tls` if the file cannot be read as certificates.
    public init(caPath: String? = nil) throws(UpstreamFailure) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .fullVerification
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            if let caPath {
                configuration.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(caPath))]
            }
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw UpstreamFailure(.tls, "cannot use the trust roots of \(caPath ?? "the system"): \(error)")
        }
    }

    func makeHandler(host: String) throws -> NIOSSLClientHandler {
        // Server name indication carries names only (RFC 6066, section 3); an address is still verified, from the certificate.
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
    }
}
