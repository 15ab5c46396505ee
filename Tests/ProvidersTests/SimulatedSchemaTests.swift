import Foundation
import GatewayCore
import Providers
import Testing

/// What the simulator answers to those who ask for JSON or offer tools.
@Suite struct SimulatedSchemaTests {
    private static let people = """
        {"type":"object","properties":{"name":{"type":"string"},"age":{"type":"integer","minimum":18},\
        "role":{"enum":["admin","user"]},"tags":{"type":"array","items":{"$ref":"#/$defs/Tag"},"minItems":2},\
        "note":{"type":["null","string"]},"score":{"type":"number","exclusiveMinimum":0,"multipleOf":0.5},\
        "kind":{"const":"x"},"home":{"anyOf":[{"$ref":"#/$defs/Tag"},{"type":"null"}]},"extra":{"type":"boolean"}},\
        "required":["name","age","role","tags","note","score","kind","home"],\
        "$defs":{"Tag":{"type":"object","properties":{"id":{"type":"string","format":"uuid"},"t":{"type":"string","minLength":2}},\
        "required":["t","id"]}}}
        """
    private static let tag = #"{"t":"xx","id":"00000000-0000-0000-0000-000000000000"}"#
    private static let least =
        #"{"name":"","age":18,"role":"admin","tags":[\#(tag),\#(tag)],"note":"","score":0.5,"kind":"x","home":\#(tag)}"#

    private func chatText(_ exchange: SimulatedExchange) throws -> String? {
        let choices = try exchange.json()["choices"] as? [[String: Any]]
        return (choices?.first?["message"] as? [String: Any])?["content"] as? String
    }

    private func chatCall(_ exchange: SimulatedExchange) throws -> (name: String?, arguments: String?) {
        let choices = try exchange.json()["choices"] as? [[String: Any]]
        let message = choices?.first?["message"] as? [String: Any]
        let function = (message?["tool_calls"] as? [[String: Any]])?.first?["function"] as? [String: Any]
        return (function?["name"] as? String, function?["arguments"] as? String)
    }

    private func output(_ exchange: SimulatedExchange) throws -> [String: Any]? {
        (try exchange.json()["output"] as? [[String: Any]])?.first
    }

    @Test func `A schema is answered with the least value that satisfies it`() throws {
        let format = #""response_format":{"type":"json_schema","json_schema":{"name":"p","schema":\#(Self.people)}}"#
        #expect(try chatText(SimulatedExchange(chatBody("hi", format))) == Self.least)
        let stream = try SimulatedExchange(chatBody("hi", format + #","stream":true"#))
        let deltas = try stream.chunks().compactMap {
            (($0["choices"] as? [[String: Any]])?.first?["delta"] as? [String: Any])?["content"] as? String
        }
        #expect(deltas.joined() == Self.least)
        let body = #"{"model":"m","input":"hi","text":{"format":{"type":"json_schema","schema":\#(Self.people)}}}"#
        let item = try output(SimulatedExchange(body, of: .responses))
        #expect((item?["content"] as? [[String: Any]])?.first?["text"] as? String == Self.least)
    }

    @Test(
        arguments: [
            (#"{"type":"object"}"#, "{}"), ("{}", #""""#), (#"{"type":"array"}"#, "[]"), (#"{"type":"null"}"#, "null"),
            (#"{"type":"integer","maximum":-3}"#, "-3"), (#"{"type":"integer","exclusiveMinimum":4}"#, "5"),
            (#"{"type":"integer","minimum":3,"multipleOf":5}"#, "5"),
            (#"{"type":"string","format":"date"}"#, #""2000-01-01""#),
            (#"{"enum":[7,8]}"#, "7"), (#"{"oneOf":[{"type":"boolean"}]}"#, "false"),
            (
                #"{"allOf":[{"type":"object","properties":{"a":{"type":"null"}},"required":["a"]}],"required":["b"],"properties":{"b":{"const":1}}}"#,
                #"{"a":null,"b":1}"#
            ),
            (##"{"$ref":"#/$defs/missing"}"##, "{}"), (#"{"type":"string","minLength":99999999999}"#, nil),
            // It refers to itself.
            (##"{"type":"object","properties":{"n":{"$ref":"#"}},"required":["n"]}"##, nil),
        ] as [(String, String?)])
    func `Every kind of schema has a least value`(schema: String, least: String?) throws {
        let format = #""response_format":{"type":"json_schema","json_schema":{"schema":\#(schema)}}"#
        let text = try chatText(SimulatedExchange(chatBody("hi", format)))
        if let least { #expect(text == least) } else { #expect(text?.isEmpty == false) }
    }

    @Test func `Any object is answered where one is asked for`() throws {
        let exchange = try SimulatedExchange(chatBody("hi", #""response_format":{"type":"json_object"}"#))
        #expect(try chatText(exchange) == "{}")
    }

    private static let tools =
        #""tools":[{"type":"function","function":{"name":"get_weather","parameters":\#(people)}},"#
        + #"{"type":"function","function":{"name":"other"}}]"#

    @Test func `A tool that the prompt names is called, with arguments that satisfy its schema`() throws {
        for choice in ["", #","tool_choice":"auto""#] {
            let call = try chatCall(SimulatedExchange(chatBody("Please get_weather now", Self.tools + choice)))
            #expect(call.name == "get_weather" && call.arguments == Self.least)
        }
        let forced = try chatCall(SimulatedExchange(chatBody("hi", Self.tools + #","tool_choice":"required""#)))
        #expect(forced.name == "get_weather" && forced.arguments == Self.least)
        for (prompt, choice) in [("hi", ""), ("get_weather", #","tool_choice":"none""#)] {
            #expect(try chatCall(SimulatedExchange(chatBody(prompt, Self.tools + choice))).name == nil)
        }
        let answered =
            #"{"model":"m","messages":[{"role":"user","content":"get_weather"},{"role":"assistant","content":null},"#
            + #"{"role":"tool","tool_call_id":"c","content":"sunny"}],\#(Self.tools)}"#
        #expect(try chatCall(SimulatedExchange(answered)).name == nil)
        #expect(try chatText(SimulatedExchange(answered))?.isEmpty == false)
    }

    @Test func `Responses call tools likewise`() throws {
        let tools = #""tools":[{"type":"function","name":"get_weather","parameters":\#(Self.people)}]"#
        let call = try output(SimulatedExchange(#"{"model":"m","input":"get_weather",\#(tools)}"#, of: .responses))
        #expect(call?["name"] as? String == "get_weather" && call?["arguments"] as? String == Self.least)
        let answered =
            #"{"model":"m","input":[{"role":"user","content":"get_weather"},{"type":"function_call_output","output":"x"}],\#(tools)}"#
        #expect(try output(SimulatedExchange(answered, of: .responses))?["type"] as? String == "message")
    }
}
