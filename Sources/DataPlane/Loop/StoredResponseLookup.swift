import GatewayCore
import NIOCore
import Routing
import Store

/// Finds the owners of stored responses, for one event loop.
final class StoredResponseLookup {
    /// The maximum of concurrent queries; further callers get an error.
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

    /// Finds the owner of a response; calls `answer` on this loop, at once if it is cached.
    func fetch(_ id: String, answer: @escaping (Result<StoredResponse?, GatewayError>) -> Void) {
        if let known = writer.recent[id] { return answer(.success(known)) }
        guard lookups < Self.maxLookups else { return answer(.failure(.overloaded)) }
        lookups += 1
        eventLoop.makeFutureWithTask { [source] in  // reason: the loop waits for the result, under a deadline
            try await source.storedResponse(id: id)
        }
        .assumeIsolated()
        .whenComplete { [self] result in
            lookups -= 1
            // No response has an id that the database cannot even compare.
            if case .failure(let error as StoreError) = result, error.concernsValue { return answer(.success(nil)) }
            answer(result.mapError { .storeUnreachable("\($0)") })
        }
    }

    /// Records a response, known to this gateway at once, and to other gateways when it is written.
    func remember(_ response: StoredResponse) {
        writer.remember(response)
    }
}
