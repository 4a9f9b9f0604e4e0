import { describe, expect, it } from 'vitest';
import { PROGRAM_TEST, startProgram } from '../../start-program.js';

describe('the demo', PROGRAM_TEST, () => {
  it('shows two handshakes, two genuine deliveries and three refusals, and ends by itself', async () => {
    const { exitCode, output } = await startProgram(new URL('../dist/demo.js', import.meta.url)).ended;
    expect(output).not.toContain('✗');
    expect(output.match(/✓/g)).toHaveLength(8);
    expect(output).toContain('task.changed: task 1199170056173519, field completed_at');
    expect(output).toContain('refused: answered 403 handshake_refused, nothing echoed');
    expect(output).toContain('401 not_verified, 0 handlers ran');
    expect(exitCode).toBe(0);
  });
});
