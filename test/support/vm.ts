/** Whether these tests run in the test machine (tools/vm). */
export const insideVm = process.env.VM_REPORTS !== undefined;
