import NIOHTTP1
import NIOSSL

extension UpstreamFailure {
    /// What an error of the connection means for its call.
    init(_ error: any Error, duringHandshake: Bool, hasAnswerBegun: Bool, origin: UpstreamOrigin) {
        switch error {
        case let error as HTTPParserError where error == .invalidEOFState:
            self.init(.cut, "\(origin.authority) closed the connection within its answer")
        case is HTTPParserError:
            self.init(.invalidAnswer, "\(origin.authority) did not answer in HTTP/1.1: \(error)")
        case is NIOSSLExtraError where duringHandshake:
            self.init(.tls, "the certificate of \(origin.authority) is not for that name: \(error)")
        case is NIOSSLError where duringHandshake, is BoringSSLError where duringHandshake:
            self.init(
                .tls,
                "the certificate of \(origin.authority) was refused (expired, not valid yet, or from an authority that is not"
                    + " trusted here) or TLS failed; `openssl s_client -connect \(origin.host):\(origin.port)"
                    + " -servername \(origin.host)` shows it: \(error)")
        default:
            let kind: Kind = duringHandshake ? .unreachable : hasAnswerBegun ? .cut : .noAnswer
            self.init(kind, "the connection to \(origin.authority) failed: \(error)")
        }
    }
}
