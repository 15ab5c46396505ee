import Foundation
import PriceData

extension PriceList {
    /// The list that this release carries (`script/prices`).
    public static let builtIn: PriceList = {
        let data = Data(
            bytesNoCopy: UnsafeMutableRawPointer(mutating: price_data()), count: price_data_size(), deallocator: .none)
        guard let (catalogue, _) = try? PriceCatalogue.read(data) else {
            preconditionFailure("the built-in price list is unreadable")
        }
        return PriceList(catalogue, source: String(cString: price_data_source()))
    }()
}
