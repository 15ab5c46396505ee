import GatewayCore
import NIOCore
import Routing

/// Finds to whom stored responses belong, for one event loop.
final class StoredResponseLookup {
    /// Queries under way at once; further callers are told to come back.
    private static let maxLookups = 256

    private let eventLoop: any EventLoop
    private let source: any StoredResponseSource
    private let writer: StoredResponseWriter
    private var lookups = 0

    init(source: any StoredResponseSource, writer: StoredResponseWriter, on eventLoop: any EventLoop) {
        self.source = source
        self.writer = writer
        self.eventLoop = eventLoop
    }

    /// The owner of a response; `answer` is called on this loop, at once if it is known.
    func fetch(_ id: String, answer: @escaping (Result<StoredResponse?, GatewayError>) -> Void) {
        if let known = writer.recent[id] { return answer(.success(known)) }
        guard lookups < Self.maxLookups else { return answer(.failure(.overloaded)) }
        lookups += 1
        eventLoop.makeFutureWithTask { [source] in  // reason: the answer is waited for on the loop, under a deadline
            try await source.storedResponse(id: id)
        }
        .assumeIsolated()
        .whenComplete { [self] result in
            lookups -= 1
            answer(result.mapError { .storeUnreachable("\($0)") })
        }
    }

    /// Known here at once, and to the other gateways when it was written.
    func remember(_ response: StoredResponse) {
        writer.remember(response)
    }
}
