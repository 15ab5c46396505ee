/// Makes random JSON texts, valid ones and damaged ones.
struct JSONGenerator {
    var generator: SeededGenerator

    mutating func value(depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &generator) {
        case 0: return string()
        case 1: return number()
        case 2: return pick(["true", "false", "null"])
        case 3: return "0"
        case 4: return #""""#
        case 5, 6: return object(depth: depth)
        default:
            let items = (0..<Int.random(in: 0..<4, using: &generator)).map { _ in value(depth: depth - 1) }
            return "[" + space() + items.joined(separator: space() + "," + space()) + space() + "]"
        }
    }

    mutating func object(depth: Int) -> String {
        let members = (0..<Int.random(in: 0..<5, using: &generator)).map { _ in
            string() + space() + ":" + space() + value(depth: depth - 1)
        }
        return "{" + space() + members.joined(separator: space() + "," + space()) + space() + "}"
    }

    mutating func damaged(_ text: String) -> [UInt8] {
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes.remove(at: index)
            case 1: bytes.insert(byte(), at: index)
            case 2: bytes[index] = byte()
            case 3: bytes.swapAt(index, Int.random(in: 0..<bytes.count, using: &generator))
            default: bytes.removeLast(bytes.count - index)
            }
        }
        return bytes
    }

    private mutating func byte() -> UInt8 {
        Bool.random(using: &generator)
            ? pick(Array(#"{}[]",:\u0123456789.eE+-tfn "#.utf8)) : UInt8.random(in: 1...255, using: &generator)
    }

    private mutating func string() -> String {
        let pieces = [
            "model", "choices", "usage", "error", "a", "bc", #"\""#, #"\\"#, #"\/"#, #"\n"#, #"\u00e9"#,
            #"\ud83d\ude00"#,
            "é", "日本", "😀", " plain text that is longer than a word ", "\u{7f}", "\u{10ffff}", "\u{800}", "\u{ffff}",
        ]
        return "\"" + (0..<Int.random(in: 0..<4, using: &generator)).map { _ in pick(pieces) }.joined() + "\""
    }

    private mutating func number() -> String {
        pick(["0", "-0", "17", "-3.25", "1e3", "1E+2", "0.5e-7", "9007199254740993", "123.0"])
    }

    private mutating func space() -> String {
        pick(["", "", "", " ", "\n", "\t", "\r\n  "])
    }

    private mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[Int.random(in: 0..<choices.count, using: &generator)]
    }
}
