//! A verdict for every node, with every reason.

use crate::backplane::*;
use crate::sdk::{array, bytes, element, elements, fields, guard, Table};
use crate::Provider;

/// Code, input (BP_NONE: about the node) and text of everything against a node.
unsafe fn reasons(graph: &bp_graph, node: &bp_node) -> Vec<(u32, u32, String)> {
    let op_type = bytes(node.op_type);
    if node.domain.size != 0 || op_type != b"Neg" {
        let name = String::from_utf8_lossy(op_type);
        return vec![(
            BP_REASON_OPERATOR,
            BP_NONE,
            format!("only Neg of the ONNX domain is known here, this is {}", name),
        )];
    }
    let input: &bp_value = element(graph.values, *element::<u32>(node.inputs, 0));
    let mut found = Vec::new();
    if input.element_type != BP_TYPE_FLOAT32 {
        found.push((
            BP_REASON_TYPE,
            0,
            format!(
                "input 0 must be float32 (1), is of element type {}",
                input.element_type
            ),
        ));
    }
    if input.has_rank == 0 {
        found.push((
            BP_REASON_RANK,
            0,
            "input 0 must have a known rank, has none".to_string(),
        ));
    }
    if input.flags & BP_VALUE_CONSTANT != 0 {
        found.push((
            BP_REASON_OTHER,
            0,
            "input 0 must be computed at run time, is constant".to_string(),
        ));
    }
    found
}

unsafe extern "C" fn query(
    device: bp_device,
    graph: *const bp_graph,
    _options: bp_array,
    sink: *const bp_verdict_sink,
) -> bp_status {
    guard(Provider::host_of(device), || {
        let (graph, sink) = (&*graph, &*sink);
        for (index, node) in elements::<bp_node>(graph.nodes).enumerate() {
            let found = reasons(graph, node);
            let list: Vec<bp_reason> = found
                .iter()
                .map(|(code, input, text)| bp_reason {
                    struct_size: fields!(bp_reason),
                    code: *code,
                    input: *input,
                    output: BP_NONE,
                    attribute: bp_string {
                        data: std::ptr::null(),
                        size: 0,
                    },
                    text: bp_string {
                        data: text.as_ptr(),
                        size: text.len() as u64,
                    },
                })
                .collect();
            let verdict = bp_verdict {
                struct_size: fields!(bp_verdict),
                kind: if list.is_empty() {
                    BP_VERDICT_SUPPORTED
                } else {
                    BP_VERDICT_REJECTED
                },
                node: index as u32,
                group: BP_NONE,
                reasons: array(&list),
                input_wants: crate::sdk::NOTHING,
                cost_ns: BP_UNKNOWN,
                workspace_bytes: BP_UNKNOWN,
            };
            if let Some(report) = sink.report {
                report(sink.user, &verdict);
            }
        }
        Ok(())
    })
}

pub static API: Table<bp_capability_api> = Table(bp_capability_api {
    struct_size: fields!(bp_capability_api),
    reserved: 0,
    query: Some(query),
    query_partition: None,
});
