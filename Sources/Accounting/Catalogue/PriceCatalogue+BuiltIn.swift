import Foundation
import PriceData

extension PriceCatalogue {
    /// The list that this release carries, and where it is from (`script/prices`).
    public static let builtIn: (catalogue: PriceCatalogue, source: String) = {
        let data = Data(
            bytesNoCopy: UnsafeMutableRawPointer(mutating: price_data()), count: price_data_size(), deallocator: .none)
        guard let (catalogue, _) = try? read(data) else { preconditionFailure("the built-in price list is unreadable") }
        return (catalogue, String(cString: price_data_source()))
    }()
}
