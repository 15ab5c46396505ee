import Foundation
import GatewayCore

/// Reads a bill from comma-separated values with a heading: the columns that the documentation lists, or those of
/// OpenAI's and Anthropic's exports.
public enum BillReader {
    /// Why a bill cannot be read.
    public struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
        /// Of the file.
        public let line: Int
        public let problem: String

        public var description: String { "Line \(line) of the bill \(problem)." }
    }

    private static let timeColumns = [
        "day", "date", "time", "timestamp", "usage_date_utc", "start_time_iso", "start_time", "starting_at",
    ]
    private static let modelColumns = ["model", "model_version", "model_id"]
    private static let amountColumns = ["amount", "amount_usd", "cost", "cost_usd", "amount_value"]
    private static let requestsColumns = ["requests", "num_model_requests"]
    /// By class: OpenAI's usage API (https://platform.openai.com/docs/api-reference/usage), the Anthropic console's
    /// export and its usage API (https://docs.anthropic.com/en/api/usage-cost-api).
    private static let classColumns: [TokenClass: [String]] = [
        .inputUncached: ["input_uncached", "usage_input_tokens_no_cache", "uncached_input_tokens", "input_tokens"],
        .inputCacheRead: [
            "input_cache_read", "usage_input_tokens_cache_read", "cache_read_input_tokens", "input_cached_tokens",
        ],
        .inputCacheWrite: [
            "input_cache_write", "usage_input_tokens_cache_write_5m", "usage_input_tokens_cache_write_1h",
            "cache_creation_input_tokens",
        ],
        .inputAudio: ["input_audio", "input_audio_tokens"],
        .outputText: ["output_text", "usage_output_tokens", "output_tokens"],
        .outputReasoning: ["output_reasoning", "reasoning_tokens"],
        .outputAudio: ["output_audio", "output_audio_tokens"],
    ]

    /// - Throws: `Failure` for the first line that cannot be read. None is passed over: it could be the missing one.
    public static func read(_ text: String) throws(Failure) -> [BillLine] {
        guard let records = CSV.records(text) else {
            throw Failure(line: 1, problem: "has a quotation mark that does not end")
        }
        guard let heading = records.first else { throw Failure(line: 1, problem: "is missing: the file is empty") }
        let columns = try Columns(heading)
        var lines: [BillLine] = []
        for record in records.dropFirst() { lines.append(try columns.line(record)) }
        return lines
    }

    private struct Columns {
        let width: Int
        let time: Int
        let model: Int?
        let requestID: Int?
        let requests: Int?
        let amount: Int?
        /// The positions whose numbers a class is the sum of.
        let classes: [TokenClass: [Int]]
        /// OpenAI's input includes what was read from the cache.
        let inputIncludesCached: Bool

        init(_ heading: CSV.Record) throws(Failure) {
            let names = heading.cells.map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
            let positions = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
            func first(_ names: [String]) -> Int? { names.lazy.compactMap { positions[$0] }.first }
            guard let time = first(timeColumns) else {
                throw Failure(
                    line: heading.line, problem: "has no column for the time: \(timeColumns.joined(separator: ", "))")
            }
            width = names.count
            self.time = time
            model = first(modelColumns)
            requestID = positions["request_id"]
            requests = first(requestsColumns)
            amount = first(amountColumns)
            classes = classColumns.mapValues { $0.compactMap { positions[$0] } }.filter { !$0.value.isEmpty }
            inputIncludesCached = positions["input_tokens"] != nil && positions["input_cached_tokens"] != nil
            guard amount != nil || !classes.isEmpty else {
                throw Failure(line: heading.line, problem: "has neither an amount nor tokens")
            }
        }

        func line(_ record: CSV.Record) throws(Failure) -> BillLine {
            guard record.cells.count == width else {
                throw Failure(
                    line: record.line, problem: "has \(record.cells.count) cells, and the heading \(width)")
            }
            let amount = try amount(record)
            return BillLine(
                line: record.line, time: try time(record), requestID: text(requestID, record),
                model: text(model, record), requests: try number(requests, record), classes: try tokens(record),
                columns: Set(classes.keys), amount: amount?.0, precision: amount?.1 ?? 1)
        }

        private func text(_ position: Int?, _ record: CSV.Record) -> String? {
            guard let position else { return nil }
            let text = record.cells[position].trimmingCharacters(in: .whitespaces)
            return text.isEmpty ? nil : text
        }

        private func number(_ position: Int?, _ record: CSV.Record) throws(Failure) -> Int64? {
            guard let position, let text = text(position, record) else { return nil }
            // Some exports write whole numbers as 12.0.
            guard let number = Int64(text.hasSuffix(".0") ? String(text.dropLast(2)) : text),
                (0...1_000_000_000_000_000).contains(number)
            else {
                throw Failure(
                    line: record.line, problem: "has `\(text.prefix(40))` where a number of tokens is expected")
            }
            return number
        }

        private func tokens(_ record: CSV.Record) throws(Failure) -> TokenClasses? {
            guard !classes.isEmpty else { return nil }
            var sums: [TokenClass: Int64] = [:]
            for (tokenClass, positions) in classes {
                for position in positions { sums[tokenClass, default: 0] += try number(position, record) ?? 0 }
            }
            let cached = inputIncludesCached ? sums[.inputCacheRead] ?? 0 : 0
            let uncached = (sums[.inputUncached] ?? 0) - cached
            guard uncached >= 0 else { throw Failure(line: record.line, problem: "has more cached input than input") }
            return TokenClasses(
                inputUncached: uncached, inputCacheRead: sums[.inputCacheRead] ?? 0,
                inputCacheWrite: sums[.inputCacheWrite] ?? 0, inputAudio: sums[.inputAudio] ?? 0,
                outputText: sums[.outputText] ?? 0, outputReasoning: sums[.outputReasoning] ?? 0,
                outputAudio: sums[.outputAudio] ?? 0)
        }

        private func amount(_ record: CSV.Record) throws(Failure) -> (Money, Int64)? {
            guard let text = text(amount, record) else { return nil }
            let digits = text.replacing("$", with: "")
            let isNumber = digits.wholeMatch(of: /[+-]?\d*\.?\d+(?:[eE][+-]?\d+)?/) != nil
            guard isNumber, let dollars = Decimal(string: digits) else {
                throw Failure(line: record.line, problem: "has `\(text.prefix(40))` where an amount is expected")
            }
            var (nanodollars, rounded) = (dollars * 1_000_000_000, Decimal())
            NSDecimalRound(&rounded, &nanodollars, 0, .plain)
            guard abs(rounded) < Decimal(Int64.max / 1000) else {
                throw Failure(line: record.line, problem: "has an amount that is too large")
            }
            let decimals =
                digits.contains { "eE".contains($0) } ? 9 : digits.split(separator: ".").dropFirst().first?.count ?? 0
            let step = (0..<max(0, 9 - decimals)).reduce(Int64(1)) { step, _ in step * 10 }
            return (Money(nanodollars: NSDecimalNumber(decimal: rounded).int64Value), max(1, step / 2))
        }

        private func time(_ record: CSV.Record) throws(Failure) -> BillLine.Time {
            let text = record.cells[time].trimmingCharacters(in: .whitespaces)
            if text.wholeMatch(of: /\d{4}-\d{2}-\d{2}/) != nil, CalendarZone.utc.day(named: text) != nil {
                return .day(text)
            }
            if let seconds = Int64(text), (0..<10_000_000_000).contains(seconds) { return .moment(seconds * 1_000_000) }
            var stamp = text.replacing(" ", with: "T")
            if stamp.wholeMatch(of: /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/) != nil { stamp += ":00" }
            if stamp.wholeMatch(of: /.*T\d{2}:\d{2}:\d{2}(\.\d+)?/) != nil { stamp += "Z" }
            let plain = Date.ISO8601FormatStyle()
            let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
            guard let date = (try? plain.parse(stamp)) ?? (try? fractional.parse(stamp)) else {
                throw Failure(
                    line: record.line,
                    problem: "has `\(text.prefix(40))` where a day such as 2026-03-29 or a time is expected")
            }
            return .moment(Int64((date.timeIntervalSince1970 * 1_000_000).rounded()))
        }
    }
}
