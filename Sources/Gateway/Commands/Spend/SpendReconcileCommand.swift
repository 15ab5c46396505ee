import Accounting
import ArgumentParser
import DataPlane
import Foundation
import GatewayConfig
import GatewayCore
import Operations
import Store

struct SpendReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile", abstract: "Compare a provider's bill with the ledger, and name what differs.",
        discussion: """
            The file has a heading and one line for each request, or for each day (or hour) and model. Columns: time (or day), \
            model, request_id, requests, input_uncached, input_cache_read, input_cache_write, input_audio, output_text, \
            output_reasoning, output_audio, amount (dollars); those of OpenAI's usage and of Anthropic's console are known too. \
            Exits with 1 if something differs.
            """)

    /// Far more than the bill of a month; it is read into memory.
    private static let maxBytes = 512 << 20

    @OptionGroup var global: GlobalOptions
    @Option(help: ArgumentHelp("The bill, as comma-separated values.", valueName: "file")) var csv: String
    @Option(help: "Only the ledger's rows of this provider, whose bill it is (default: all providers).") var provider:
        String?
    @OptionGroup var period: SpendPeriodOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
        let configuration = try Configuration.load(global).configuration
        let bill = try readBill()
        let (range, zone) = try resolvedPeriod(bill)
        let spend = SpendService(try await ConfiguredDatabase.openStore(configuration.database))
        let margin = Reconciliation.margin
        let rows = try await spend.ledgerRows(
            in: range.lowerBound - margin..<range.upperBound + margin, provider: provider)
        let cards = try await PriceCards(spend.pricedModels())
        let ledger = rows.map { $0.line(cards) }
        let found = Reconciliation(period: range, zone: zone).discrepancies(bill: bill, ledger: ledger)
        let view = ReconciliationView(bill: bill, ledger: ledger, range: range, zone: zone, found)
        if json { try Terminal.printJSON(view) } else { view.print() }
        guard found.isEmpty else {
            throw CommandFailure(.checkFailed, "The bill and the ledger differ: \(found.count) differences.")
        }
    }

    private func readBill() throws -> [BillLine] {
        let data: Data
        do {
            let size = try FileManager.default.attributesOfItem(atPath: csv)[.size] as? Int ?? 0
            guard size <= Self.maxBytes else {
                throw CommandFailure(.usage, "The bill has \(size) bytes; at most \(Self.maxBytes) are read.")
            }
            data = try Data(contentsOf: URL(filePath: csv))
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(.usage, "The bill \(csv) cannot be read.", hint: "Check the path and its permissions.")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw CommandFailure(.usage, "The bill \(csv) is not UTF-8.", hint: "Save it as CSV UTF-8.")
        }
        do {
            let lines = try BillReader.read(text)
            guard !lines.isEmpty else {
                throw CommandFailure(.usage, "The bill \(csv) has no lines after its heading.")
            }
            return lines
        } catch let failure as BillReader.Failure {
            throw CommandFailure(
                .usage, "\(failure)", hint: "docs/pricing-and-accounting.md has the columns that are known.")
        }
    }

    /// Unless the operator gave one: the whole days from the bill's first to its last line.
    private func resolvedPeriod(_ bill: [BillLine]) throws -> (Range<Int64>, CalendarZone) {
        guard period.isDefault else { return try period.resolved(now: WallClock.now()) }
        guard let zone = CalendarZone(period.timeZone) else { return try period.resolved(now: WallClock.now()) }
        let days = bill.compactMap { line -> CalendarZone.Day? in
            switch line.time {
            case .day(let name): zone.day(named: name)
            case .moment(let time): zone.day(of: time)
            }
        }
        guard let first = days.map(\.range.lowerBound).min(), let last = days.map(\.range.upperBound).max() else {
            throw CommandFailure(.usage, "The bill has no day.")
        }
        return (first..<last, zone)
    }
}

/// The price list's rates of the prices that the ledger's rows refer to.
private struct PriceCards {
    private let models: [String: (provider: String, model: String)]

    init(_ models: [String: (provider: String, model: String)]) {
        self.models = models
    }

    func card(_ pricingID: String?) -> RateCard? {
        guard let pricingID, let (provider, model) = models[pricingID] else { return nil }
        return PriceList.builtIn.catalogue.entry(provider: provider, model: model)?.entry.rates
    }
}

extension LedgerRow {
    fileprivate func line(_ cards: PriceCards) -> LedgerLine {
        LedgerLine(
            requestID: requestID, time: admittedAt, model: upstreamModel, classes: classes, cost: cost,
            isComplete: usageSource == .providerFinal, card: cards.card(pricingID))
    }
}

/// What was found, in the output of the command.
private struct ReconciliationView: Encodable {
    struct Difference: Encodable {
        let kind: String
        let day: String
        let model: String
        let requestID: String?
        let bill: String
        let ledger: String
        let difference: String
        let note: String

        enum CodingKeys: String, CodingKey {
            case kind, day, model, bill, ledger, difference, note
            case requestID = "request_id"
        }
    }

    let from: String
    let to: String
    let timeZone: String
    let bill: String
    let ledger: String
    let difference: String
    let differences: [Difference]
    /// By kind.
    let kinds: [String: String]

    enum CodingKeys: String, CodingKey {
        case from, to, bill, ledger, difference, differences, kinds
        case timeZone = "time_zone"
    }

    init(
        bill: [BillLine], ledger: [LedgerLine], range: Range<Int64>, zone: CalendarZone, _ found: [Discrepancy]
    ) {
        from = Terminal.time(range.lowerBound)
        to = Terminal.time(range.upperBound)
        timeZone = zone.identifier
        let billed = bill.compactMap(\.amount?.nanodollars).reduce(0, +)
        let kept = ledger.filter { range.contains($0.time) }.map(\.cost.nanodollars).reduce(0, +)
        self.bill = Money(nanodollars: billed).decimal
        self.ledger = Money(nanodollars: kept).decimal
        difference = Money(nanodollars: billed - kept).decimal
        differences = found.map { each in
            Difference(
                kind: each.kind.rawValue, day: each.day, model: each.model, requestID: each.requestID,
                bill: each.bill.decimal, ledger: each.ledger.decimal, difference: each.difference.decimal,
                note: each.note)
        }
        kinds = Dictionary(grouping: found, by: \.kind.rawValue).mapValues { each in
            Money(nanodollars: each.map(\.difference.nanodollars).reduce(0, +)).decimal
        }
    }

    func print() {
        Terminal.print("From \(from) to \(to), days in \(timeZone). Amounts are dollars.")
        Terminal.print("bill \(bill), ledger \(ledger), difference \(difference)")
        guard !differences.isEmpty else { return Terminal.print("Nothing differs.") }
        Terminal.printTable(
            [["KIND", "DAY", "MODEL", "BILL", "LEDGER", "DIFFERENCE", "REQUEST", "NOTE"]]
                + differences.map {
                    [$0.kind, $0.day, $0.model, $0.bill, $0.ledger, $0.difference, $0.requestID ?? "", $0.note]
                })
        for (kind, sum) in kinds.sorted(by: { $0.key < $1.key }) { Terminal.print("\(kind): \(sum)") }
    }
}
