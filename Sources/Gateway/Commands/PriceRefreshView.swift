import Accounting
import Operations

/// The result of a refresh of the prices in the output of commands, on the terminal and as JSON.
struct PriceRefreshView: Codable {
    /// Some of many entries.
    struct Entries: Codable {
        let count: Int
        /// At most `PriceRefreshView.maxShown`.
        let first: [String]

        init(_ entries: [String]) {
            count = entries.count
            first = Array(entries.prefix(PriceRefreshView.maxShown))
        }

        var summary: String {
            first.joined(separator: ", ") + (count > first.count ? ", and \(count - first.count) more" : "")
        }
    }

    /// A reply of the control socket has at most a megabyte.
    static let maxShown = 20

    let source: String
    let isUpdated: Bool
    let added: Entries
    let repriced: Entries
    let removed: Entries
    let leftOut: Entries

    enum CodingKeys: String, CodingKey {
        case source, added, repriced, removed
        case isUpdated = "updated"
        case leftOut = "left_out"
    }

    init(_ refresh: PriceRefresh, source: String) {
        self.source = source
        var (changes, leftOut): (PriceListChanges?, [PriceCatalogue.Warning]) = (nil, [])
        if case .updated(let found, let skipped) = refresh { (changes, leftOut) = (found, skipped) }
        isUpdated = changes != nil
        added = Entries(changes?.added ?? [])
        repriced = Entries(changes?.repriced ?? [])
        removed = Entries(changes?.removed ?? [])
        self.leftOut = Entries(leftOut.map(\.description))
    }

    /// Prints it on the terminal.
    func print() {
        guard isUpdated else { return Terminal.print("The prices of \(source) have not changed.") }
        Terminal.print("Refreshed the prices from \(source).")
        for (name, entries) in [
            ("Models added", added), ("Prices changed", repriced), ("Models removed, whose prices stay", removed),
        ] {
            Terminal.print("\(name): \(entries.count)\(entries.count > 0 ? " (\(entries.summary))" : "")")
        }
        guard leftOut.count > 0 else { return }
        Terminal.printError("warning: \(leftOut.count) entries make no sense and are left out: \(leftOut.summary)")
    }
}
