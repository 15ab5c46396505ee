import Accounting
public import Egress
import Foundation
public import GatewayConfig
import NIOCore
import NIOHTTP1

/// The price list at an HTTP address (`accounting.catalog.url`).
public struct HTTPPriceList: PriceListSource {
    private let address: HTTPAddress
    private let clients: HTTPClients
    private let timeout: Duration

    /// - Parameter timeout: for the whole list.
    public init(_ address: HTTPAddress, clients: HTTPClients, timeout: Duration = .seconds(60)) {
        self.address = address
        self.clients = clients
        self.timeout = timeout
    }

    public var name: String {
        address == .priceCatalog ? address.host : "\(address)".replacing(/^https?:\/\//, with: "")
    }

    public func fetch(etag: String?) async throws -> PriceListAnswer {
        var headers: HTTPHeaders = ["accept": "application/json", "user-agent": "sluice-gateway"]
        if let etag { headers.add(name: "if-none-match", value: etag) }
        let answer = try await clients.get(
            "\(address)", host: address.host, headers: headers,
            limits: HTTPClients.Limits(total: timeout, maxBytes: PriceCatalogue.maxBytes))
        switch answer.status {
        case 200: return .list(Data(answer.body.readableBytesView), etag: Self.etag(answer.headers))
        case 304 where etag != nil: return .unchanged
        case 300..<400: throw UnexpectedAnswer(status: answer.status, hint: "; redirects are not followed")
        default: throw UnexpectedAnswer(status: answer.status, hint: "")
        }
    }

    /// One that can be sent back (RFC 9110, section 8.8.3).
    private static func etag(_ headers: HTTPHeaders) -> String? {
        headers.first(name: "etag").flatMap { value in
            let isTag = (value.hasPrefix("\"") || value.hasPrefix("W/\"")) && value.hasSuffix("\"")
            return isTag && value.utf8.count <= 256 && value.utf8.allSatisfy { (0x21...0x7E).contains($0) }
                ? value : nil
        }
    }

    private struct UnexpectedAnswer: Error, CustomStringConvertible {
        let status: Int
        let hint: String

        var description: String { "the server answered with the status \(status)\(hint)" }
    }
}
