import NIOCore
import Testing
import WireFormats

struct JSONDocumentTests {
    @Test(arguments: [
        "null", " true ", "false\n", "0", "-0", "-0.0", "10", "1.5", "1e5", "1E-5", "1.25e+10", #""""#, #""a""#,
        #""\"\\\/\b\f\n\r\t\u12aF""#, #""\ud83d\ude00 \ud800""#, "\"é日😀\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10ffff}\"",
        "[]", "{}",
        " [ ] ", " { } ", "[1,2 , 3]", #"{"a":1,"a":{"b":[{},[]]}}"#, "\t\r\n[\n]\t",
    ])
    func `Accepts`(text: String) throws {
        try JSONDocument.validate(ByteBuffer(string: text))
    }

    @Test(arguments: [
        ("", 0, JSONSyntaxError.Reason.unexpectedEnd), ("  ", 2, .unexpectedEnd), ("\u{FEFF}{}", 0, .byteOrderMark),
        ("nul", 3, .unexpectedEnd),
        ("nulL", 3, .badLiteral),
        ("True", 0, .unexpectedByte),
        ("truex", 4, .trailingBytes),
        ("-", 1, .unexpectedEnd), ("+1", 0, .unexpectedByte), ("01", 1, .trailingBytes), ("1.", 2, .unexpectedEnd),
        ("1.x", 2, .badNumber), (".5", 0, .unexpectedByte), ("[1e]", 3, .badNumber), ("1e+", 3, .unexpectedEnd),
        ("0x10", 1, .trailingBytes),
        ("[01]", 2, .unexpectedByte),
        ("NaN", 0, .unexpectedByte),
        ("-Infinity", 1, .badNumber),
        (#"""#, 1, .unexpectedEnd),
        (#""\x""#, 2, .badEscape),
        (#""\u12g4""#, 5, .badEscape),
        (#""\u12"#, 5, .unexpectedEnd),
        ("\"a\nb\"", 2, .controlCharacter),
        ("\"\u{0}\"", 1, .controlCharacter),
        ("\"12345678\u{1f}\"", 9, .controlCharacter),
        ("'a'", 0, .unexpectedByte), ("[", 1, .unexpectedEnd), ("]", 0, .unexpectedByte), ("[1", 2, .unexpectedEnd),
        ("[1,]", 3, .unexpectedByte),
        ("[,1]", 1, .unexpectedByte),
        ("[1 2]", 3, .unexpectedByte),
        ("[1}", 2, .unexpectedByte),
        ("{", 1, .unexpectedEnd),
        ("{]", 1, .unexpectedByte),
        (#"{"a"}"#, 4, .unexpectedByte),
        (#"{"a":}"#, 5, .unexpectedByte),
        (#"{"a":1,}"#, 7, .unexpectedByte), ("{1:2}", 1, .unexpectedByte), (#"{"a":1 "b":2}"#, 7, .unexpectedByte),
        (#"{"a":1}]"#, 7, .trailingBytes),
        ("{} {}", 3, .trailingBytes),
        ("[1]//c", 3, .trailingBytes),
        ("[\u{a0}]", 1, .unexpectedByte),
    ])
    func `Refuses`(text: String, offset: Int, reason: JSONSyntaxError.Reason) {
        #expect(throws: JSONSyntaxError(offset: offset, reason: reason)) {
            try JSONDocument.validate(ByteBuffer(string: text))
        }
    }

    /// RFC 3629, and the Unicode standard's table 3-7. The offset is that of the first invalid byte.
    @Test(arguments: [
        ([0x80], 1),
        ([0xbf], 1),
        ([0xc0, 0x80], 1),
        ([0xc1, 0xbf], 1),
        ([0xe0, 0x9f, 0xbf], 2),
        ([0xed, 0xa0, 0x80], 2),
        ([0xf0, 0x8f, 0xbf, 0xbf], 2), ([0xf4, 0x90, 0x80, 0x80], 2), ([0xf5, 0x80, 0x80, 0x80], 1), ([0xff], 1),
        ([0xc3, 0x28], 2), ([0xe2, 0x82, 0x28], 3), ([0xf0, 0x9f, 0x98, 0x22], 4), ([0x61, 0xe2, 0x82], 4),
    ])
    func `Refuses what is not UTF-8`(bytes: [UInt8], offset: Int) {
        #expect(throws: JSONSyntaxError(offset: offset, reason: .badUTF8)) {
            try JSONDocument.validate(ByteBuffer(bytes: [0x22] + bytes + [0x22]))
        }
    }

    @Test func `Every ASCII byte in a string at every place of a word`() {
        for byte in UInt8(0)..<0x80 {
            for before in 0..<9 {
                let text =
                    [0x22] + [UInt8](repeating: 0x61, count: before) + [
                        byte, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x61, 0x22,
                    ]
                let isAllowed = byte >= 0x20 && byte != 0x22 && byte != 0x5c
                let isAccepted = (try? JSONDocument.validate(ByteBuffer(bytes: text))) != nil
                #expect(isAccepted == isAllowed)
            }
        }
    }

    @Test func `Nests to 512 and not deeper`() throws {
        let deepest = String(repeating: "[", count: 512) + String(repeating: "]", count: 512)
        try JSONDocument.validate(ByteBuffer(string: deepest))
        #expect(throws: JSONSyntaxError(offset: 512, reason: .nestedTooDeeply)) {
            try JSONDocument.validate(ByteBuffer(string: "[" + deepest + "]"))
        }
        #expect(throws: JSONSyntaxError(offset: 512, reason: .nestedTooDeeply)) {
            try JSONDocument.validate(ByteBuffer(repeating: UInt8(ascii: "["), count: 200_000))
        }
        // Alternating kinds across the 64-bit words of the stack.
        let pair = String(repeating: #"{"a":["#, count: 100) + String(repeating: "]}", count: 100)
        try JSONDocument.validate(ByteBuffer(string: pair))
        let crossed = String(repeating: #"{"a":["#, count: 100) + "]]" + String(repeating: "]}", count: 99)
        #expect(throws: JSONSyntaxError(offset: 601, reason: .unexpectedByte)) {
            try JSONDocument.validate(ByteBuffer(string: crossed))
        }
    }

    @Test func `Says it in a sentence`() {
        #expect(
            JSONSyntaxError(offset: 7, reason: .badEscape).sentence == "unknown escape in a string at byte offset 7")
    }
}
