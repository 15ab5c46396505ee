import Dispatch
public import Foundation
import NIOCore
public import NIOSSL

/// Certificates for TLS tests, created once per process with the `openssl` command, valid for loopback names.
public struct TestCertificates: Sendable {
    /// A server's certificate and key, as PEM files.
    public struct Server: Sendable {
        /// The certificate, signed by the authority itself.
        public let certificate: URL
        /// The private key of the certificate.
        public let key: URL

        /// A context for a server with this certificate.
        public func serverContext() throws -> NIOSSLContext {
            let certificates = try NIOSSLCertificate.fromPEMFile(certificate.path).map(
                NIOSSLCertificateSource.certificate)
            let key = try NIOSSLPrivateKey(file: key.path, format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: certificates, privateKey: .privateKey(key))
            configuration.shutdownTimeout = TestCertificates.shutdownTimeout
            return try NIOSSLContext(configuration: configuration)
        }
    }

    /// The certificate of the authority that signed all of them, as a PEM file.
    public let authority: URL
    /// The text of that file.
    public var authorityText: String { get throws { try String(contentsOf: authority, encoding: .utf8) } }
    /// For `localhost` and `127.0.0.1`.
    public let good: Server
    /// For another name only.
    public let wrongName: Server
    /// For `localhost` and `127.0.0.1`, but no longer valid.
    public let expired: Server

    /// A context for a client that trusts this authority only.
    public func clientContext() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(authority.path)
        configuration.shutdownTimeout = Self.shutdownTimeout
        return try NIOSSLContext(configuration: configuration)
    }

    /// The certificates of this process.
    ///
    /// - Throws: The error of their creation, at each access.
    public static func shared() throws -> TestCertificates {
        try made.get()
    }

    /// How long a close waits for the peer's close; the peer of a test has often ended.
    fileprivate static let shutdownTimeout = TimeAmount.milliseconds(100)
    private static let made = Result { try TestCertificates(in: .temporaryFolder()) }

    private init(in folder: URL) throws {
        authority = folder.appending(path: "ca.pem")
        try OpenSSL.run(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=Test CA", "-keyout", folder.appending(path: "ca.key").path, "-out", authority.path)
        let local = "DNS:localhost,IP:127.0.0.1"
        good = try Server(in: folder, named: "good", alternativeNames: local, days: 2)
        wrongName = try Server(in: folder, named: "wrong-name", alternativeNames: "DNS:elsewhere.test", days: 2)
        expired = try Server(in: folder, named: "expired", alternativeNames: local, days: -1)
    }
}

extension TestCertificates.Server {
    fileprivate init(in folder: URL, named name: String, alternativeNames: String, days: Int) throws {
        certificate = folder.appending(path: "\(name).pem")
        key = folder.appending(path: "\(name).key")
        let request = folder.appending(path: "\(name).csr")
        let extensions = folder.appending(path: "\(name).ext")
        try Data("subjectAltName=\(alternativeNames)\n".utf8).write(to: extensions)
        try OpenSSL.run(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=\(name)", "-keyout",
            key.path, "-out", request.path)
        try OpenSSL.run(
            "x509", "-req", "-in", request.path, "-CA", folder.appending(path: "ca.pem").path, "-CAkey",
            folder.appending(path: "ca.key").path, "-CAcreateserial", "-days", String(days), "-extfile",
            extensions.path, "-out", certificate.path)
    }
}

extension URL {
    fileprivate static func temporaryFolder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "certificates-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }
}

/// The `openssl` command.
private enum OpenSSL {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs a command, for 30 s at most.
    static func run(_ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.standardOutput = FileHandle.nullDevice
        let errors = Pipe()
        process.standardError = errors
        let done = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in done.signal() }
        try process.run()
        guard done.wait(timeout: .now() + .seconds(30)) == .success else {
            process.terminate()
            throw Failure(description: "openssl \(arguments[0]) did not end within 30 s")
        }
        if process.terminationStatus == 0 { return }
        let output = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        throw Failure(description: "openssl \(arguments[0]) failed: \(output)")
    }
}
