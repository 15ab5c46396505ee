import GatewayCore
import NIOHTTP1

/// The identities of a request: the caller's for correlation, the gateway's for accounting.
enum RequestIdentity {
    /// The caller's `x-request-id`, if it is 1 to 128 visible ASCII characters; it is echoed, so other values are
    /// replaced.
    static func correlation(in headers: HTTPHeaders) -> String? {
        guard let id = headers.first(name: "x-request-id") else { return nil }
        let isAcceptable = (1...128).contains(id.utf8.count) && id.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        return isAcceptable ? id : nil
    }

    /// The caller's session, agent and program. A value that is not plain is left out.
    static func clientFacts(in headers: HTTPHeaders) -> ClientFacts {
        var facts = ClientFacts()
        var product: String?
        for (name, value) in headers {
            if name.isSameIgnoringCase("user-agent") {
                product = product ?? ClientFacts.product(of: value)
            } else if name.isSameIgnoringCase("originator") {
                facts.client = facts.client ?? ClientFacts.identifier(value)
            } else if sessionHeaders.contains(where: { name.isSameIgnoringCase($0) }) {
                facts.session = facts.session ?? ClientFacts.identifier(value)
            } else if name.isSameIgnoringCase("x-claude-code-agent-id") {
                facts.agent = facts.agent ?? ClientFacts.identifier(value)
            }
        }
        facts.client = facts.client ?? product
        return facts
    }

    private static let sessionHeaders = ["session-id", "session_id", "x-claude-code-session-id"]
}
