import NIOCore
import WireFormats

/// The words of a simulated answer.
enum SimulatedText {
    private static let opening = ["This", " is", " a", " simulated", " answer", " of", " the", " gateway:"]
    private static let vocabulary = [
        "amber", "answer", "bridge", "candle", "cloud", "copper", "daylight", "ember", "field", "garden", "harbor",
        "island", "journey", "kettle", "lantern", "meadow", "mirror", "north", "orchard", "paper", "quiet", "river",
        "signal", "stone", "summer", "thread", "timber", "valley", "village", "willow", "window", "winter",
    ]
    /// Characters of a piece of JSON.
    private static let pieceLength = 16
    private static let drawnWords: ClosedRange<Int> = 24...56

    /// The pieces whose concatenation is the answer: a word each, chosen by `generator`, in ASCII without quotes or
    /// backslashes.
    ///
    /// - Parameter maxTokens: The maximum number of tokens, to which a longer answer is truncated.
    /// - Returns: The pieces, and whether they are truncated.
    static func pieces(maxTokens: Int?, using generator: inout SeededGenerator) -> (pieces: [String], isCut: Bool) {
        var pieces = opening
        for _ in 0..<Int.random(in: drawnWords, using: &generator) {
            pieces.append(" " + vocabulary[Int.random(in: vocabulary.indices, using: &generator)])
        }
        pieces[pieces.count - 1].append(".")
        return cut(pieces, maxTokens)
    }

    /// The pieces of a JSON text.
    static func pieces(of json: String, maxTokens: Int?) -> (pieces: [String], isCut: Bool) {
        var pieces: [String] = []
        var rest = json[...]
        while !rest.isEmpty {
            pieces.append(String(rest.prefix(pieceLength)))
            rest = rest.dropFirst(pieceLength)
        }
        return cut(pieces, maxTokens)
    }

    /// `text` as a JSON string, quotes included.
    static func quoted(_ text: String) -> String {
        var buffer = ByteBuffer()
        JSONText.append(text, to: &buffer)
        return String(buffer: buffer)
    }

    private static func cut(_ pieces: [String], _ maxTokens: Int?) -> (pieces: [String], isCut: Bool) {
        guard let maxTokens else { return (pieces, false) }
        return cut(pieces, to: maxTokens.multipliedReportingOverflow(by: SimulatedTokens.bytesPerToken))
    }

    /// At most `room` bytes, between characters.
    private static func prefix(_ piece: String, _ room: Int) -> String {
        var room = room
        return String(
            piece.prefix { character in
                room -= character.utf8.count
                return room >= 0
            })
    }

    private static func cut(
        _ pieces: [String], to limit: (partialValue: Int, overflow: Bool)
    ) -> (pieces: [String], isCut: Bool) {
        if limit.overflow { return (pieces, false) }
        var room = limit.partialValue
        var kept: [String] = []
        for piece in pieces {
            if room == 0 { return (kept, true) }
            if piece.utf8.count > room { return (kept + [prefix(piece, room)], true) }
            kept.append(piece)
            room -= piece.utf8.count
        }
        return (kept, false)
    }
}
