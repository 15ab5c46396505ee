import Database

extension Row {
    /// One of a closed list of words; an error if it is another one.
    func enumValue<Word: RawRepresentable>(_ column: String) throws(DatabaseError) -> Word
    where Word.RawValue == String {
        guard let word = Word(rawValue: try text(column)) else {
            throw .unexpectedValue(column: column, reason: "the word is not known")
        }
        return word
    }
}
