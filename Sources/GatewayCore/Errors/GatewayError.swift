/// The error of a request: a message for the caller and, separately, a cause for the operator's log.
public struct GatewayError: Error, Sendable, Equatable {
    /// The origin of the error, for logs and metrics.
    public enum Source: String, Sendable {
        case client, gateway, upstream, store
    }

    /// Whether an attempt that failed like this may be followed by another (docs/model-routing.md, Attempts).
    public enum Retry: Sendable, Hashable {
        /// The provider may have answered and billed the attempt, or every route would fail likewise.
        case never
        /// Another route may succeed; this one will not.
        case elsewhere
        /// This route may succeed too, later.
        case anywhere
        /// The provider refused what the gateway itself had added: this route succeeds at once, without it.
        case unadorned
    }

    public var code: ErrorCode { contents.code }
    /// For the caller: without SQL, paths, secrets, and upstream bodies except what docs/api.md allows.
    public var message: String { contents.message }
    /// The request field or header that caused the error; nil if none did.
    public var param: String? { contents.param }
    /// For the log line only; never sent to a caller.
    public var cause: String? { contents.cause }
    public var source: Source { contents.source }
    /// Whether another attempt may be made.
    public var retry: Retry { contents.retry }
    /// Milliseconds after which a retry makes sense.
    public var retryAfterMilliseconds: Int? { contents.retryAfterMilliseconds }
    /// Whether a retry by the caller fails likewise until the operator changes something. Sent as
    /// `x-should-retry: false`, which the SDKs of OpenAI and Anthropic obey.
    public var isLasting: Bool { contents.isLasting }
    /// What the provider itself says, if this is its error about the request; nil for an error of the gateway.
    public var report: ProviderReport? { contents.report }

    private let storage: Storage

    private var contents: Contents { storage.contents }

    private struct Contents: Sendable, Equatable {
        let code: ErrorCode
        let message: String
        let param: String?
        let cause: String?
        let source: Source
        let retry: Retry
        let retryAfterMilliseconds: Int?
        var isLasting: Bool
        let report: ProviderReport?
    }

    /// Behind a reference, because events, actions and results have an error in one of their cases: each would be
    /// copied at the size of the error, with every request that succeeds.
    private final class Storage: Sendable {
        let contents: Contents

        init(_ contents: Contents) {
            self.contents = contents
        }
    }

    private init(_ contents: Contents) {
        storage = Storage(contents)
    }

    public static func == (left: GatewayError, right: GatewayError) -> Bool {
        left.contents == right.contents
    }

    /// The same error, which lasts or does not.
    public func lasting(_ isLasting: Bool) -> GatewayError {
        var changed = contents
        changed.isLasting = isLasting
        return GatewayError(changed)
    }

    /// Seconds after which a retry makes sense, rounded up; sent as `retry-after`.
    public var retryAfterSeconds: Int? {
        retryAfterMilliseconds.map { $0 / 1000 + ($0 % 1000 > 0 ? 1 : 0) }
    }

    /// - Parameter isLasting: whether a retry by the caller fails likewise until the operator changes something.
    public init(
        _ code: ErrorCode, _ message: String, param: String? = nil, cause: String? = nil, source: Source,
        retry: Retry = .never, retryAfterSeconds: Int? = nil, isLasting: Bool = false, report: ProviderReport? = nil
    ) {
        self.init(
            code, message, param: param, cause: cause, source: source, retry: retry,
            retryAfterMilliseconds: retryAfterSeconds.map { $0.multipliedReportingOverflow(by: 1000) }
                .map { $0.overflow ? .max : $0.partialValue },
            isLasting: isLasting, report: report)
    }

    /// - Parameters:
    ///   - retryAfterMilliseconds: when a retry makes sense; nil if the provider did not say.
    ///   - isLasting: whether a retry by the caller fails likewise until the operator changes something.
    ///   - report: what the provider itself says, if this is its error about the request.
    public init(
        _ code: ErrorCode, _ message: String, param: String? = nil, cause: String? = nil, source: Source,
        retry: Retry, retryAfterMilliseconds: Int?, isLasting: Bool = false, report: ProviderReport? = nil
    ) {
        self.init(
            Contents(
                code: code, message: message, param: param, cause: cause, source: source, retry: retry,
                retryAfterMilliseconds: retryAfterMilliseconds, isLasting: isLasting, report: report))
    }

    /// The HTTP status for the caller: the provider's if its answer is relayed, otherwise that of the code.
    public var status: Int { report?.answer?.status ?? code.status }
    /// The `type` for the caller: the provider's if this is its error, otherwise that of the code.
    public var wireType: String { report.map { $0.type ?? "invalid_request_error" } ?? code.type }
    /// The `code` for the caller: the provider's if this is its error, which may be none, otherwise the gateway's.
    public var wireCode: String? { report.map(\.code) ?? code.rawValue }

    /// An error that the caller caused.
    public static func client(_ code: ErrorCode, _ message: String, param: String? = nil) -> GatewayError {
        GatewayError(code, message, param: param, source: .client)
    }
}
