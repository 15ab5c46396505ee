import NIOCore
import NIOSSL

/// The gateway's own certificate, for callers without a proxy between.
public struct ServerTLS: Sendable {
    private let context: NIOSSLContext

    /// - Parameters:
    ///   - certificatePath: a PEM file with the certificate and its chain.
    ///   - privateKeyPath: a PEM file with its key.
    /// - Throws: `NIOSSLError` or an input error if they cannot be read or do not match.
    public init(certificatePath: String, privateKeyPath: String) throws {
        let chain = try NIOSSLCertificate.fromPEMFile(certificatePath).map(NIOSSLCertificateSource.certificate)
        let key = try NIOSSLPrivateKey(file: privateKeyPath, format: .pem)
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
