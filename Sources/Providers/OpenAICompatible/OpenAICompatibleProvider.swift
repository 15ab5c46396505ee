public import Egress
public import GatewayCore
import NIOCore
import NIOHTTP1
import WireFormats

/// Any upstream that speaks OpenAI's API under a base URL.
public struct OpenAICompatibleProvider: Provider {
    public let id: String
    public let availability: ProviderAvailability
    public let timeouts: ProviderTimeouts
    public let drainsAfterDisconnect: Bool
    private let origin: UpstreamOrigin
    private let pathPrefix: String
    public let credentials: any CredentialSource
    /// The values of the default headers.
    public let secrets: [Secret]
    private let jsonHeaders: HTTPHeaders
    private let streamHeaders: HTTPHeaders
    private let streamUsage = StreamUsageSupport()

    /// How the provider wants to be told who calls.
    public enum Authentication: Sendable {
        case bearer(Secret)
        case header(name: String, Secret)
        case none
        /// The credential is configured but not there; the text names the setting.
        case missing(String)
    }

    /// - Parameters:
    ///   - pathPrefix: the path of the base URL, without a slash at its end: `/v1`.
    ///   - defaultHeaders: sent with every request; they cannot replace what the gateway sends itself.
    public init(
        id: String, origin: UpstreamOrigin, pathPrefix: String, authentication: Authentication,
        defaultHeaders: [(name: String, value: Secret)] = [], timeouts: ProviderTimeouts = ProviderTimeouts(),
        drainsAfterDisconnect: Bool = false
    ) {
        self.id = id
        self.origin = origin
        self.timeouts = timeouts
        self.drainsAfterDisconnect = drainsAfterDisconnect
        self.pathPrefix = pathPrefix
        var credential: BoundCredential?
        switch authentication {
        case .bearer(let token):
            credential = .bearer(token, origin: origin)
            availability = .ready(.openAI)
        case .header(let name, let value):
            credential = BoundCredential(origin: origin, header: name.lowercased(), value: value)
            availability = .ready(.openAI)
        case .none:
            availability = .ready(.openAI)
        case .missing(let reason):
            availability = .credentialsMissing(reason)
        }
        credentials = StaticCredential(credential)
        secrets = defaultHeaders.map(\.value)
        var common = HTTPHeaders([("content-type", "application/json"), ("user-agent", "sluice")])
        for (name, value) in defaultHeaders where !Self.own.contains(name.lowercased()) {
            common.replaceOrAdd(name: name.lowercased(), value: value.reveal())
        }
        if let credential { common.remove(name: credential.header) }
        jsonHeaders = common.adding("accept", "application/json")
        streamHeaders = common.adding("accept", "text/event-stream")
    }

    public func prepare(
        _ attempt: AttemptRequest, credential: BoundCredential?
    ) throws(GatewayError) -> PreparedAttempt {
        let request = attempt.request
        try attempt.refuseRoutingFields(RoutingField.openAICompatible)
        let isStream = request.facts.stream
        var headers = isStream ? streamHeaders : jsonHeaders
        for header in attempt.adjustments.headers where !Self.own.contains(header.name) {
            if header.name != credential?.header {
                headers.replaceOrAdd(name: header.name, value: header.value.reveal())
            }
        }
        let configured = headers
        for (name, value) in attempt.headers where !Self.own.contains(name) && name != credential?.header {
            if configured.contains(name: name) { continue }
            headers.add(name: name, value: value)
        }
        let adjustments =
            streamUsage.isAssumed ? attempt.adjustments : attempt.adjustments.withoutUsageRequest()
        let call = UpstreamRequest(
            origin: origin, path: pathPrefix + request.path, headers: headers, credential: credential,
            body: request.body(attempt.body, model: attempt.upstreamModel, adjustments: adjustments),
            connectTimeout: timeouts.connect)
        return PreparedAttempt(
            call: .http(call), expected: .uncompressed, relay: request.makeRelay(),
            errors: OpenAIErrorReader(
                provider: id, addition: request.addsUsageRequest(adjustments) ? streamUsage : nil))
    }

    /// What the gateway sets itself, and no configured header may replace.
    private static let own: Set = [
        "host", "content-length", "content-type", "accept", "transfer-encoding", "connection",
    ]
}

extension HTTPHeaders {
    fileprivate func adding(_ name: String, _ value: String) -> HTTPHeaders {
        var copy = self
        copy.add(name: name, value: value)
        return copy
    }
}
