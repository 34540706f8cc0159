//! How is the peer run by RustPython, and how does it reach RustPython's own protocol in Rust?
//! Usage: bufspec-rustpython-peer FILE FOLDER...    (a Python file, and where it finds its modules)
use rustpython_vm as vm;

mod held;

fn main() -> std::process::ExitCode {
    let mut arguments = std::env::args().skip(1);
    let Some(file) = arguments.next() else {
        eprintln!("usage: bufspec-rustpython-peer FILE FOLDER...");
        return std::process::ExitCode::from(2);
    };
    let mut settings = vm::Settings::default();
    settings.path_list = arguments.collect();
    settings.path_list.push(rustpython_pylib::LIB_PATH.to_owned());
    settings.write_bytecode = false;
    let builder = vm::Interpreter::builder(settings);
    let mut modules = rustpython_stdlib::stdlib_module_defs(&builder.ctx);
    modules.push(held::module_def(&builder.ctx));
    let code = builder.add_native_modules(&modules).build().run(|vm| {
        let scope = vm.new_scope_with_main()?;
        vm.run_script(scope, &file)
    });
    std::process::ExitCode::from(code as u8)
}
