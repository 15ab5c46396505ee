extension ScalarKind where Value == Bool {
    static var flag: ScalarKind {
        ScalarKind(
            expected: "true or false",
            read: { $0.isBoolean ? $0.text == "true" : nil },
            advice: { _ in ", without quotes; yes, no, on and off are not booleans" },
            show: { .bare($0 ? "true" : "false") })
    }
}

extension ScalarKind where Value == Int {
    static func integer(in range: ClosedRange<Int>) -> ScalarKind {
        ScalarKind(
            expected: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            read: { scalar in
                guard scalar.isNumber, let number = Int(scalar.text), range.contains(number) else { return nil }
                return number
            },
            advice: numberAdvice,
            show: { .bare(String($0)) })
    }
}

extension ScalarKind where Value == Double {
    static func number(in range: ClosedRange<Double>) -> ScalarKind {
        ScalarKind(
            expected: "a number from \(show(range.lowerBound)) to \(show(range.upperBound))",
            read: { scalar in
                guard scalar.isNumber, let number = Double(scalar.text), range.contains(number) else { return nil }
                return number
            },
            advice: numberAdvice,
            show: { .bare(show($0)) })
    }

    private static func show(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : String(number)
    }
}

private func numberAdvice(_ scalar: DocumentNode.Scalar) -> String {
    let unquoted = DocumentNode.Scalar(text: scalar.text, isPlain: true)
    return !scalar.isPlain && unquoted.isNumber ? ", without quotes" : ""
}
