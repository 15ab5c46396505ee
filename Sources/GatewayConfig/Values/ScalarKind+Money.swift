import Foundation
import GatewayCore

extension ScalarKind where Value == Money {
    /// An amount of dollars as a decimal string: a number could not be exact.
    static var money: ScalarKind {
        .string("an amount of dollars as a decimal string such as \"12.50\", not negative", show: \.decimal) {
            Money(decimal: $0)
        }
    }
}

extension ScalarKind where Value == String {
    /// A time zone of the IANA database.
    static var timeZone: ScalarKind {
        .string(
            "a time zone of the IANA database such as \"Europe/Berlin\" or \"UTC\"",
            advice: { NearestName.hint($0, among: TimeZone.knownTimeZoneIdentifiers) }, show: { $0 }
        ) { text in
            text == "UTC" || (text.contains("/") && TimeZone(identifier: text) != nil) ? text : nil
        }
    }
}
