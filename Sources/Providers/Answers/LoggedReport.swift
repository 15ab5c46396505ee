import NIOCore
import WireFormats

/// What a provider says, for the log: its messages often quote the request, and prompts do not belong there.
enum LoggedReport {
    /// Bytes of a message.
    private static let limit = 512
    /// A longer quotation is more than the name or the value of a field.
    private static let quotationLimit = 40

    /// The code and the message, cut, and without long quotations; nil if the report is empty.
    static func text(of report: UpstreamErrorBody) -> String? {
        let message = report.message.map { withoutQuotations(cut($0)) }
        let texts = [report.code ?? report.namedType, message].compactMap(\.self)
        return texts.isEmpty ? nil : texts.joined(separator: ": ")
    }

    /// What is known of a body in which no error was found: of JSON and text the start, of a page its title; nil if
    /// there is no body.
    /// - Parameter redact: removes secrets from a text.
    static func text(of response: UpstreamErrorResponse, redact: (String) -> String) -> String? {
        let bytes = response.body.readableBytes
        guard bytes > 0 else { return nil }
        let body = response.isEncoded ? nil : response.body.getString(at: response.body.readerIndex, length: bytes)
        guard let body, body.utf8.allSatisfy({ $0 >= 0x20 || [0x09, 0x0A, 0x0D].contains($0) }) else {
            return "\(bytes) bytes that are not text"
        }
        let text = EscapedSecrets.redacted(body, by: redact).split(whereSeparator: \.isWhitespace).joined(
            separator: " ")
        guard text.hasPrefix("<") else { return text.isEmpty ? nil : withoutQuotations(cut(text)) }
        return "a page" + (title(of: text).map { ": \(withoutQuotations(cut($0)))" } ?? "")
    }

    private static func title(of page: String) -> String? {
        guard let start = page.firstRange(of: /<title[^>]*>/.ignoresCase())?.upperBound else { return nil }
        let title = page[start...].prefix { $0 != "<" }
        return title.isEmpty ? nil : String(title)
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > limit else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit))) + "…"
    }

    /// An opening quotation mark without its end counts up to the end of the text.
    private static func withoutQuotations(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        var quotation = String.UnicodeScalarView()
        var mark: Unicode.Scalar?
        var last: Unicode.Scalar = " "
        func close() {
            if quotation.count > quotationLimit { result.append("…") } else { result.append(contentsOf: quotation) }
            quotation = String.UnicodeScalarView()
        }
        for scalar in text.unicodeScalars {
            if let open = mark {
                if scalar == open {
                    close()
                    mark = nil
                    result.append(scalar)
                } else {
                    quotation.append(scalar)
                }
            } else {
                // The apostrophe of `can't` opens nothing.
                if scalar == "\"" || scalar == "`" || (scalar == "'" && !last.properties.isAlphabetic) { mark = scalar }
                result.append(scalar)
            }
            last = scalar
        }
        close()
        return String(result)
    }
}
