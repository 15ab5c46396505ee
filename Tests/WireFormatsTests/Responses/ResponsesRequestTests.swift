import GatewayCore
import NIOCore
import Testing
import WireFormats

/// What is read from the body of a responses request, and what is changed in it.
@Suite struct ResponsesRequestTests {
    private static let needs: [(String, CapabilitySet)] = [
        (#","input":"hi""#, [.responses]),
        (#","input":[{"role":"user","content":"hi"}],"stream":true"#, [.responses, .stream]),
        (#","input":[{"role":"developer","content":"hi"}]"#, [.responses, .developerRole]),
        (#","input":[{"content":[{"type":"input_image"}]}]"#, [.responses, .vision]),
        (#","input":[{"content":[{"type":"input_audio"}]}]"#, [.responses, .audio]),
        (#","input":[{"content":[{"type":"input_file","file_data":"x"}]}]"#, [.responses, .files]),
        (#","input":[{"type":"function_call_output","output":[{"type":"input_image"}]}]"#, [.responses, .vision]),
        (
            #","input":[{"type":"computer_call_output","output":{"type":"computer_screenshot"}}]"#,
            [.responses, .vision]
        ),
        (#","input":[{"type":"additional_tools","tools":[{"type":"function"}]}]"#, [.responses, .tools]),
        (#","input":"hi","tools":[{"type":"web_search"}]"#, [.responses, .tools]),
        (#","input":"hi","tools":[]"#, [.responses]),
        (#","input":"hi","text":{"format":{"type":"json_schema","schema":{}}}"#, [.responses, .jsonSchema]),
        (#","input":"hi","text":{"format":{"type":"text"}}"#, [.responses]),
    ]

    private func scan(_ members: String) throws -> RequestFacts {
        try APIOperation.responses.family.scan(ByteBuffer(string: #"{"model":"m"\#(members)}"#)).facts
    }

    @Test(arguments: needs)
    func `What the request needs is found`(members: String, required: CapabilitySet) throws {
        let request = try scan(members)
        #expect(request.required == required)
        #expect(request.stateField == nil)
        #expect(request.stream == required.contains(.stream))
    }

    @Test(arguments: [
        (#","input":"x","conversation":"conv_1""#, "conversation"),
        (#","input":"x","conversation":{"id":"conv_1"}"#, "conversation"),
        (#","prompt":{"id":"pmpt_1"}"#, "prompt"),
        (#","input":[{"type":"item_reference","id":"msg_1"}]"#, "input"),
        (#","input":[{"content":[{"type":"input_file","file_id":"file-1"}]}]"#, "file_id"),
        (#","input":[{"content":[{"type":"input_image","file_id":"file-1"}]}]"#, "file_id"),
        (#","input":"x","tools":[{"type":"file_search","vector_store_ids":["vs_1"]}]"#, "vector_store_ids"),
        (#","input":"x","tools":[{"type":"code_interpreter","container":"cntr_1"}]"#, "container"),
        (
            #","input":"x","tools":[{"type":"code_interpreter","container":{"type":"auto","file_ids":["file-1"]}}]"#,
            "file_ids"
        ),
        (#","input":[{"type":"item_reference","id":"msg_1","type":"message"}]"#, "input"),
        (#","input":[{"type":"image_generation_call","id":"ig_1","result":""}]"#, "input"),
        (#","input":[{"id":"msg_1"}]"#, "input"), (#","input":[{"type":null,"id":"msg_1"}]"#, "input"),
        (#","input":[{"type":"image_generation_call","id":"ig_1"}]"#, "input"),
        (#","input":[{"type":"image_generation_call","id":"ig_1","result":null}]"#, "input"),
        (
            #","input":[{"type":"additional_tools","tools":[{"type":"file_search","vector_store_ids":["vs_1"]}]}]"#,
            "vector_store_ids"
        ),
        (
            #","input":[{"type":"computer_call_output","output":{"type":"computer_screenshot","file_id":"file-1"}}]"#,
            "file_id"
        ),
        (
            #","input":"x","tools":[{"type":"shell","environment":{"type":"container_reference","container_id":"c"}}]"#,
            "container_id"
        ),
        (#","input":"x","tools":[{"type":"shell","environment":{"type":"x","file_ids":["file-1"]}}]"#, "file_ids"),
        (
            #","input":"x","tools":[{"type":"shell","environment":{"type":"x","skills":[{"skill_id":"s"}]}}]"#,
            "skill_id"
        ),
        (
            #","input":"x","tools":[{"type":"image_generation","input_image_mask":{"file_id":"file-1"}}]"#,
            "file_id"
        ),
        (#","input":"x","tools":[{"type":"mcp","tunnel_id":"t"}]"#, "tunnel_id"),
        (
            #","input":[{"type":"code_interpreter_call","id":"ci_1","container_id":"cntr_1","code":"1"}]"#,
            "container_id"
        ),
        (
            #","input":[{"type":"shell_call","id":"s","action":{},"environment":{"type":"container_reference","container_id":"c"}}]"#,
            "container_id"
        ),
        (#","input":[{"role":"user","content":[{"type":"input_file","File_ID":"file-1"}]}]"#, "file_id"),
        (#","input":[{"role":"user","Content":[{"type":"input_file","file_\u0069d":"file-1"}]}]"#, "file_id"),
        (#","input":[{"Type":"Item_Reference","ID":"msg_1"}]"#, "input"),
        (#","input":[[{"type":"item_reference","id":"msg_1"}]]"#, "input"),
        (#","input":[{"role":"user","content":[[{"type":"input_file","file_id":"file-1"}]]}]"#, "file_id"),
        (#","input":"x","tools":[{"type":"file_search","vector_store_ids":[["vs_1"]]}]"#, "vector_store_ids"),
        (#","input":"x","tools":[{"type":"shell","Environment":{"Container_Id":"c"}}]"#, "container_id"),
        (#","input":[{"type":"message","id":"msg_1"}]"#, "input"),
        (#","input":[{"type":"function_call","id":"fc_1","status":"completed"}]"#, "input"),
        (#","input":"x","tool_resources":{"file_search":{"vector_store_ids":["vs_1"]}}"#, "vector_store_ids"),
        (#","input":"x","Container":"cntr_1""#, "container"),
        (#","input":"x","tools":[{"type":"code_interpreter","container":{"ID":"cntr_1"}}]"#, "container"),
        (#","input":"x","tools":[{"type":"file_search","vector_store_ids":[{"id":"vs_1"}]}]"#, "vector_store_ids"),
        (
            #","input":"x","tools":[{"type":"namespace","tools":[{"type":"x","vector_store_ids":["vs_1"]}]}]"#,
            "vector_store_ids"
        ),
    ])
    func `What refers to something kept is found`(members: String, field: String) throws {
        #expect(try scan(members).stateField == field)
    }

    @Test func `What it goes on from is found`() throws {
        #expect(try scan(#","input":"x","previous_response\u005fid":"resp_\u0031""#).previousResponseID == "resp_1")
        #expect(try scan(#","previous_response_id":"resp_1""#).stateField == nil)
        #expect(try scan(#","input":"x""#).previousResponseID == nil)
        #expect(try scan(#","input":"x""#).wantsStore)
        #expect(try !scan(#","input":"x","store":false"#).wantsStore)
    }

    /// What the SDKs send back as history.
    @Test(arguments: [
        #"{"type":"code_interpreter_call","id":"ci_1","container_id":null,"code":"1"}"#,
        #"{"type":"item_reference"}"#, #"{"type":"item_reference","id":""}"#, #"{"id":"","content":"x"}"#,
        #"{"type":"web_search_call","id":"ws_1","status":"completed"}"#, #"{"type":"compaction_trigger"}"#,
        #"{"type":"image_generation_call","result":null}"#,
        #"{"role":"user","content":[{"type":"input_file","file_id":""}]}"#,
        #"{"type":"additional_tools","tools":[{"type":"function","parameters":{"default":{"file_id":"x"}}}]}"#,
        #"{"type":"file_search_call","id":"fs_1","queries":["q"],"results":[{"file_id":"file-1","text":"t"}]}"#,
        #"{"type":"message","id":"msg_1","role":"assistant","content":[{"type":"output_text","text":"x","annotations":[{"file_id":"f"}]}]}"#,
        #"{"role":"user","id":"x","content":"x"}"#, #"{"type":"reasoning","id":"rs_1","encrypted_content":"x"}"#,
        #"{"type":"reasoning","id":"rs_1","summary":[],"content":[{"type":"reasoning_text","text":"x"}]}"#,
        #"{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"x"}]}"#,
        #"{"type":"image_generation_call","id":"ig_1","result":"aGk="}"#,
        #"{"type":"function_call_output","id":"fc_1","call_id":"c","output":"x"}"#,
    ])
    func `What is given in full refers to nothing`(item: String) throws {
        #expect(try scan(#","input":[\#(item)]"#).stateField == nil)
    }

    @Test func `Nulls refer to nothing`() throws {
        let request = try scan(
            #","input":[{"content":[{"type":"input_image","file_id":null}]}],"previous_response_id":null,"conversation":null,"#
                + #""prompt":null,"background":null,"store":null,"tools":[{"vector_store_ids":[]}],"container":null,"#
                + #""metadata":{"file_id":"x","container":"y"},"user":"file_id""#)
        #expect(request.stateField == nil)
    }

    @Test(arguments: [
        ("", ErrorCode.invalidRequest, "input"), (#","input":5"#, .invalidRequest, "input"),
        (#","input":"x","background":true"#, .unsupportedParameter, "background"),
        (#","input":"x","background":1"#, .invalidRequest, "background"),
        (#","input":"x","store":"yes""#, .invalidRequest, "store"),
        (#","input":"x","Store":true"#, .invalidRequest, "Store"),
        (#","input":"x","Previous_Response_Id":"y""#, .invalidRequest, "Previous_Response_Id"),
        (#","input":"x","store":false,"store":true"#, .invalidJSON, "store"),
    ])
    func `What is wrong is told by its field`(members: String, code: ErrorCode, param: String) {
        let error = #expect(throws: GatewayError.self) { try scan(members) }
        #expect(error?.code == code && error?.param == param)
    }

    @Test(arguments: [
        (#"{"model":"m","input":"x"}"#, #"{"model":"up","input":"x","store":false}"#),
        (
            #"{"store": true , "input":"\u00e9", "model" : "m"}"#,
            #"{"store": false , "input":"\u00e9", "model" : "up"}"#
        ),
        (#"{"store":null,"model":"up","input":"x"}"#, #"{"store":false,"model":"up","input":"x"}"#),
        // Reasoning by its id alone is lost where nothing is stored.
        (
            #"{"model":"up","store":false,"input":[{"type":"reasoning","id":"rs_1","summary":[]}, {"role":"user"}],"include":["reasoning.encrypted_content"]}"#,
            #"{"model":"up","store":false,"input":[{"role":"user"}],"include":["reasoning.encrypted_content"]}"#
        ),
        (
            #"{"model":"up","store":false,"include":["reasoning.encrypted_content"],"input":[1 ,{"type":"reasoning","id":"a"},{"type":"reasoning","id":"b","content":[],"encrypted_content":null} ]}"#,
            #"{"model":"up","store":false,"include":["reasoning.encrypted_content"],"input":[1 ]}"#
        ),
        (
            #"{"model":"up","store":false,"include":["reasoning.encrypted_content"],"input":[{"type":"reasoning","id":"a"},2,{"type":"reasoning","id":"b"},3]}"#,
            #"{"model":"up","store":false,"include":["reasoning.encrypted_content"],"input":[2,3]}"#
        ),
        (
            #"{"model":"up","store":false,"include":["reasoning.encrypted_content"],"input":[{"type":"reasoning","id":"a"}]}"#,
            #"{"model":"up","store":false,"include":["reasoning.encrypted_content"],"input":[]}"#
        ),
        // For the next turns.
        (
            #"{"model":"up","store":false,"input":"x","reasoning":{"effort":"low"}}"#,
            #"{"model":"up","store":false,"input":"x","reasoning":{"effort":"low"},"include":["reasoning.encrypted_content"]}"#
        ),
        (
            #"{"model":"up","store":false,"include":[ "x"],"input":"x","reasoning":{"effort":"low"}}"#,
            #"{"model":"up","store":false,"include":["reasoning.encrypted_content", "x"],"input":"x","reasoning":{"effort":"low"}}"#
        ),
        (
            #"{"model":"up","store":false,"include":null,"input":[{"type":"reasoning","id":"a","encrypted_content":"e"}]}"#,
            #"{"model":"up","store":false,"include":["reasoning.encrypted_content"],"input":[{"type":"reasoning","id":"a","encrypted_content":"e"}]}"#
        ),
        (
            #"{"model":"up","store":false,"input":"x","reasoning":{},"include":[]}"#,
            #"{"model":"up","store":false,"input":"x","reasoning":{},"include":[]}"#
        ),
    ])
    func `Nothing is stored, and nothing else is changed`(body: String, expected: String) throws {
        let buffer = ByteBuffer(string: body)
        let request = try APIOperation.responses.family.scan(buffer)
        #expect(joined(request.body(buffer, model: "up", adjustments: .none)) == expected)
        let adjustments = RouteAdjustments(extraBody: #"{"store":true,"top_k":1}"#)
        let adapted = joined(request.body(buffer, model: "up", adjustments: adjustments))
        #expect(adapted.contains(#""store":false"#) && !adapted.contains(#""store":true"#))
    }
}
