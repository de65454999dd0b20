//! A partition holds only what query supported, so every node in it is a Neg.

use crate::backplane::*;
use crate::sdk::{array, element, elements, fields, guard, new_box, new_vec, Failure, Table};
use crate::Provider;

/// Where an output comes from: an input of the partition, negated or not.
struct Source {
    input: u32,
    negate: bool,
}

struct Program {
    host: *const bp_host,
    sources: Vec<Source>,
}

struct Instance {
    program: *const Program,
    counts: Vec<usize>, // elements of each output
    outputs: Vec<bp_output_info>,
}

struct Context {
    instance: *const Instance,
    pairs: Vec<(*const f32, *mut f32)>,
}

unsafe fn source_of(graph: &bp_graph, output: u32) -> Result<Source, Failure> {
    let (mut value, mut negate) = (output, false);
    loop {
        let producer = element::<bp_value>(graph.values, value).producer;
        if producer == BP_NONE {
            break;
        }
        value = *element(element::<bp_node>(graph.nodes, producer).inputs, 0);
        negate = !negate;
    }
    match elements::<u32>(graph.inputs).position(|input| *input == value) {
        Some(input) => Ok(Source {
            input: input as u32,
            negate,
        }),
        None => Err(Failure::new(
            BP_STATUS_INVALID_MODEL,
            "rust: an output does not come from an input",
        )),
    }
}

unsafe extern "C" fn compile(
    device: bp_device,
    args: *const bp_compile_args,
    out: *mut bp_program,
) -> bp_status {
    let host = Provider::host_of(device);
    guard(host, || {
        if args.is_null() || (*args).struct_size < fields!(bp_compile_args) || (*args).partition.is_null() {
            return Err(Failure::new(
                BP_STATUS_INVALID_ARGUMENT,
                "compile: bp_compile_args lacks fields of minor 0",
            ));
        }
        let graph = &*(*args).partition;
        let mut sources = new_vec(graph.outputs.count as usize)?;
        for output in elements::<u32>(graph.outputs) {
            sources.push(source_of(graph, *output)?);
        }
        *out = Box::into_raw(new_box(Program { host, sources })?) as bp_program;
        Ok(())
    })
}

unsafe extern "C" fn specialize(
    program: bp_program,
    args: *const bp_specialize_args,
    out: *mut bp_instance,
    info: *mut bp_instance_info,
) -> bp_status {
    let program = program as *const Program;
    guard((*program).host, || {
        if args.is_null() || (*args).struct_size < fields!(bp_specialize_args) {
            return Err(Failure::new(
                BP_STATUS_INVALID_ARGUMENT,
                "specialize: bp_specialize_args lacks fields of minor 0",
            ));
        }
        if info.is_null() || (*info).struct_size < fields!(bp_instance_info) {
            return Err(Failure::new(
                BP_STATUS_INVALID_ARGUMENT,
                "specialize: bp_instance_info lacks fields of minor 0",
            ));
        }
        let count = (*program).sources.len();
        let mut instance = new_box(Instance {
            program,
            counts: new_vec(count)?,
            outputs: new_vec(count)?,
        })?;
        for source in &(*program).sources {
            let spec: &bp_tensor_spec = element((*args).inputs, source.input);
            let count = elements::<i64>(spec.dims).product::<i64>() as usize;
            instance.counts.push(count);
            instance.outputs.push(bp_output_info {
                struct_size: fields!(bp_output_info),
                mode: BP_OUTPUT_FIXED,
                size_bytes: (count * std::mem::size_of::<f32>()) as u64,
                in_place_input: source.input,
                memory_kind: BP_MEMORY_HOST,
                dims_memory_kind: 0,
                reserved: 0,
            });
        }
        (*info).workspace_alignment = 1;
        (*info).outputs = array(&instance.outputs);
        *out = Box::into_raw(instance) as bp_instance;
        Ok(())
    })
}

unsafe extern "C" fn create_context(instance: bp_instance, out: *mut bp_context) -> bp_status {
    let instance = instance as *const Instance;
    guard((*(*instance).program).host, || {
        let count = (*instance).counts.len();
        let mut pairs = new_vec(count)?;
        pairs.resize(count, (std::ptr::null(), std::ptr::null_mut()));
        *out = Box::into_raw(new_box(Context { instance, pairs })?) as bp_context;
        Ok(())
    })
}

unsafe extern "C" fn bind(context: bp_context, binding: *const bp_binding) -> bp_status {
    let context = &mut *(context as *mut Context);
    let program = (*context.instance).program;
    guard((*program).host, || {
        if binding.is_null() || (*binding).struct_size < fields!(bp_binding) {
            return Err(Failure::new(
                BP_STATUS_INVALID_ARGUMENT,
                "bind: bp_binding lacks fields of minor 0",
            ));
        }
        for (index, source) in (*program).sources.iter().enumerate() {
            let src: &bp_tensor_binding = element((*binding).inputs, source.input);
            let dst: &bp_tensor_binding = element((*binding).outputs, index as u32);
            context.pairs[index] = (src.data.address as *const f32, dst.data.address as *mut f32);
        }
        Ok(())
    })
}

unsafe extern "C" fn run(context: bp_context, args: *const bp_run_args) -> bp_status {
    let context = &*(context as *const Context);
    let instance = &*context.instance;
    let program = &*instance.program;
    guard(program.host, || {
        if args.is_null() || (*args).struct_size < fields!(bp_run_args) {
            return Err(Failure::new(
                BP_STATUS_INVALID_ARGUMENT,
                "run: bp_run_args lacks fields of minor 0",
            ));
        }
        for (index, source) in program.sources.iter().enumerate() {
            let (src, dst) = context.pairs[index]; // may be the same memory: in_place_input
            let sign = if source.negate { -1.0 } else { 1.0 };
            for element in 0..instance.counts[index] {
                *dst.add(element) = sign * *src.add(element);
            }
        }
        Ok(())
    })
}

unsafe extern "C" fn release_program(program: bp_program) {
    if !program.is_null() {
        drop(Box::from_raw(program as *mut Program));
    }
}

unsafe extern "C" fn release_instance(instance: bp_instance) {
    if !instance.is_null() {
        drop(Box::from_raw(instance as *mut Instance));
    }
}

unsafe extern "C" fn release_context(context: bp_context) {
    if !context.is_null() {
        drop(Box::from_raw(context as *mut Context));
    }
}

pub static API: Table<bp_program_api> = Table(bp_program_api {
    struct_size: fields!(bp_program_api),
    reserved: 0,
    compile: Some(compile),
    release_program: Some(release_program),
    specialize: Some(specialize),
    release_instance: Some(release_instance),
    create_context: Some(create_context),
    release_context: Some(release_context),
    bind: Some(bind),
    run: Some(run),
    describe: None,
    report_spans: None,
});
