public import GatewayCore
public import NIOCore

/// A scanned request of any family. The body itself is never decoded.
public struct APIRequest: Sendable {
    /// The facts that every family's requests have.
    public let facts: RequestFacts
    /// The family, with the facts that only it needs.
    package let family: any APIFamily

    init(_ facts: RequestFacts, _ family: any APIFamily) {
        self.facts = facts
        self.family = family
    }

    /// The operation of the request.
    public var operation: APIOperation { type(of: family).operation }

    /// The path at a provider of the same family, under its base URL.
    public var path: String { type(of: family).path }

    /// The body for a provider of the same family; see `APIFamily.body(_:of:model:adjustments:)`.
    public func body(_ body: ByteBuffer, model: String, adjustments: RouteAdjustments) -> [ByteBuffer] {
        family.body(body, of: facts, model: model, adjustments: adjustments)
    }

    /// Whether the body for the provider has a request for the usage that the caller did not make; see
    /// `APIFamily.addsUsageRequest(_:_:)`.
    public func addsUsageRequest(_ adjustments: RouteAdjustments) -> Bool {
        family.addsUsageRequest(facts, adjustments)
    }

    /// The relay for the answer of a provider of this family, which replaces the model's name by the caller's.
    public func makeRelay() -> any AnswerRelay {
        family.makeRelay(for: facts)
    }
}
