public import Foundation

/// Where newer price lists come from.
public protocol PriceListSource: Sendable {
    /// The address without its scheme, as provenances have it: `models.dev`.
    var name: String { get }

    /// Asks for the list.
    /// - Parameter etag: that of the list at hand, which is not sent again.
    /// - Throws: an error whose description says what is wrong.
    func fetch(etag: String?) async throws -> PriceListAnswer
}

/// The answer to a request for the price list.
public enum PriceListAnswer: Sendable, Hashable {
    /// The list at hand is the newest.
    case unchanged
    case list(Data, etag: String?)
}
