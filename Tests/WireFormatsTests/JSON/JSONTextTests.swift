import Foundation
import NIOCore
import Testing
import WireFormats

struct JSONTextTests {
    @Test(arguments: [
        ("", #""""#), ("plain", #""plain""#), (#"a"b\c/"#, #""a\"b\\c/""#), ("\n\r\t", #""\n\r\t""#),
        ("\u{0}\u{8}\u{b}\u{1f}\u{7f}", #""\u0000\u0008\u000b\u001f"# + "\u{7f}\""), ("é日😀", "\"é日😀\""),
        ("a long run of text, then \" and more", #""a long run of text, then \" and more""#),
    ])
    func `Escapes`(text: String, json: String) {
        var buffer = ByteBuffer()
        JSONText.append(text, to: &buffer)
        #expect(String(buffer: buffer) == json)
    }

    @Test func `Is read back by foundation`() throws {
        let text = String(String.UnicodeScalarView((0...0x3000).compactMap(Unicode.Scalar.init)))
        var buffer = ByteBuffer()
        JSONText.append(text, to: &buffer)
        let read = try JSONSerialization.jsonObject(with: Data(buffer.readableBytesView), options: .fragmentsAllowed)
        #expect(read as? String == text)
    }
}
