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
