import Foundation
public import GatewayCore
public import NIOCore

/// A request as an OpenAI-compatible upstream would get it.
public struct SimulatedRequest: Sendable {
    /// The requested API.
    public let operation: APIOperation
    /// The request's JSON, in its received parts.
    public let body: [ByteBuffer]
    /// The number of this request at the provider: it and the seed determine failures and truncations, so that equal
    /// requests do not all fail.
    public let ordinal: UInt64

    /// A request for `operation`.
    public init(_ operation: APIOperation, body: [ByteBuffer], ordinal: UInt64) {
        self.operation = operation
        self.body = body
        self.ordinal = ordinal
    }

    /// Reads the body.
    func decode<Body: Decodable>(_: Body.Type = Body.self) throws(SimulatedError) -> Body {
        var data = Data(capacity: body.reduce(0) { $0 + $1.readableBytes })
        for buffer in body { data.append(contentsOf: buffer.readableBytesView) }
        do {
            return try JSONDecoder().decode(Body.self, from: data)
        } catch let error as DecodingError {
            throw SimulatedError(error)
        } catch {
            throw .invalid("The request body could not be read as JSON.")
        }
    }
}
