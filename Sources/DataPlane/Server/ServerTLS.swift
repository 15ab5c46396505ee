public import GatewayCore
import NIOCore
import NIOSSL

/// The gateway's own certificate, for callers without a proxy between.
public struct ServerTLS: Sendable {
    private let context: NIOSSLContext

    /// - Parameters:
    ///   - certificate: the text of a PEM file with the certificate and its chain.
    ///   - privateKey: the text of a PEM file with its key.
    /// - Throws: `NIOSSLError` or an input error if they are not PEM or do not match.
    public init(certificate: Secret, privateKey: Secret) throws {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(certificate.reveal().utf8))
            .map(NIOSSLCertificateSource.certificate)
        let key = try NIOSSLPrivateKey(bytes: Array(privateKey.reveal().utf8), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        context = try NIOSSLContext(configuration: configuration)
    }

    func makeHandler() -> NIOSSLServerHandler {
        NIOSSLServerHandler(context: context)
    }
}
