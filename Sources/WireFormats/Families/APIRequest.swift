public import GatewayCore
public import NIOCore

/// A scanned request of any family. The body itself is never decoded.
public struct APIRequest: Sendable {
    /// What every family's requests have.
    public let facts: RequestFacts
    /// The family, with what it alone needs to know.
    package let family: any APIFamily

    init(_ facts: RequestFacts, _ family: any APIFamily) {
        self.facts = facts
        self.family = family
    }

    /// What the request asks for.
    public var operation: APIOperation { type(of: family).operation }

    /// Where a provider that speaks the family takes it, under its base URL.
    public var path: String { type(of: family).path }

    /// The body for such a provider; see `APIFamily.body(_:of:model:adjustments:)`.
    public func body(_ body: ByteBuffer, model: String, adjustments: RouteAdjustments) -> [ByteBuffer] {
        family.body(body, of: facts, model: model, adjustments: adjustments)
    }

    /// The relay for the answer of such a provider, which tells the caller the model's name that the caller used.
    public func makeRelay() -> any AnswerRelay {
        family.makeRelay(for: facts)
    }
}
