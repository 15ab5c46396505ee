import NIOCore

/// Bytes in memory, for as long as the call lasts that provides them. Unlike `UnsafeRawBufferPointer` it is never
/// without an address, so that reading a byte needs no test for one.
package struct Bytes {
    let base: UnsafeRawPointer
    package let count: Int

    @inline(__always)
    init(start: UnsafeRawPointer, count: Int) {
        base = start
        self.count = count
    }

    @inline(__always)
    init(_ buffer: UnsafeRawBufferPointer) {
        self.init(start: buffer.baseAddress ?? UnsafeRawPointer(StaticString("").utf8Start), count: buffer.count)
    }

    @inline(__always)
    package var isEmpty: Bool { count == 0 }

    @inline(__always)
    package subscript(index: Int) -> UInt8 {
        base.load(fromByteOffset: index, as: UInt8.self)
    }

    @inline(__always)
    func loadUnaligned<Word: BitwiseCopyable>(fromByteOffset offset: Int, as type: Word.Type) -> Word {
        base.loadUnaligned(fromByteOffset: offset, as: type)
    }

    /// The bytes of `range`, with indices from zero.
    @inline(__always)
    func part(_ range: Range<Int>) -> Bytes {
        Bytes(start: base + range.lowerBound, count: range.count)
    }

    /// For the interfaces of other modules.
    @inline(__always)
    package var buffer: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }
}

extension ByteBuffer {
    /// Provides the readable bytes.
    @inline(__always)
    func withBytes<Result>(_ body: (Bytes) throws -> Result) rethrows -> Result {
        try withUnsafeReadableBytes { try body(Bytes($0)) }
    }
}

extension [UInt8] {
    /// Provides the elements.
    @inline(__always)
    func withBytes<Result>(_ body: (Bytes) throws -> Result) rethrows -> Result {
        try withUnsafeBytes { try body(Bytes($0)) }
    }
}

extension StaticString {
    /// The UTF-8 bytes; they live as long as the program.
    @inline(__always)
    var bytes: Bytes {
        Bytes(start: utf8Start, count: utf8CodeUnitCount)
    }
}
