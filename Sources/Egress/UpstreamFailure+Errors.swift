import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

extension UpstreamFailure {
    /// Why no connection was established.
    init(connecting error: any Error, to origin: UpstreamOrigin) {
        let causes = [error] + ((error as? NIOConnectionError)?.connectionErrors.map(\.error) ?? [])
        let isShortage = causes.contains { Self.shortages.contains(($0 as? IOError)?.errnoCode ?? 0) }
        let way = origin.proxy.map { " through the proxy \($0.name)" } ?? ""
        self.init(isShortage ? .noResources : .unreachable, "cannot connect to \(origin.name)\(way): \(error)")
    }

    private static let shortages: Set<Int32> = [EMFILE, ENFILE, ENOBUFS, ENOMEM]

    /// What an error of the connection means for its call.
    init(_ error: any Error, duringHandshake: Bool, hasAnswerBegun: Bool, origin: UpstreamOrigin) {
        switch error {
        case let error as HTTPParserError where error == .invalidEOFState:
            self.init(.cut, "\(origin.name) closed the connection within its answer")
        case is HTTPParserError:
            self.init(.invalidAnswer, "\(origin.name) did not answer in HTTP/1.1: \(error)")
        case is NIOSSLExtraError where duringHandshake:
            self.init(.tls, "the certificate of \(origin.name) is not for that name: \(error)")
        case is NIOSSLError where duringHandshake, is BoringSSLError where duringHandshake:
            self.init(
                .tls,
                "the certificate of \(origin.name) was refused (expired, not valid yet, or from an authority that is not"
                    + " trusted here) or TLS failed; \(origin.inspection) shows it: \(error)")
        default:
            let kind: Kind = duringHandshake ? .unreachable : hasAnswerBegun ? .cut : .noAnswer
            self.init(kind, "the connection to \(origin.name) failed: \(error)")
        }
    }
}

extension UpstreamOrigin {
    /// The command with which the operator looks at the upstream's certificate.
    fileprivate var inspection: String {
        switch address {
        case .tcp(let host, let port): "`openssl s_client -connect \(host):\(port) -servername \(host)`"
        case .unix(let path): "`openssl s_client -unix \(path)`"
        }
    }
}
