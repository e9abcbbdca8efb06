namespace Interp.Tests.Support;

using System.Diagnostics;
using System.Globalization;
using static TorchSharp.torch;

/// <summary>A training in a process of its own, for tests that kill it or take its disk away.</summary>
/// <remarks>dotnet Interp.Tests.dll CHECKPOINT STEPS RESULT: trains, prints each step's number, writes the weights.</remarks>
internal static class ChildProgram
{
    public static DictionaryConfig Config { get; } = new() { DIn = 16, Width = 48, Activation = LatentActivation.TopK(6), Input = new HookName(Sites.ResidPost, 0) };

    public static int Main(string[] arguments)
    {
        if (arguments is not [var checkpoint, var steps, var result])
            return 2;
        set_num_threads(1);
        using var model = TinyModel.Random(TinyModel.Gpt2, dtype: ScalarType.Float32);
        var options = DictionaryTrainingOptions.Like(DictionaryRecipe.SaeLens, Config.Activation) with
        {
            Steps = int.Parse(steps, CultureInfo.InvariantCulture), BatchRows = 64, DeadAfter = 3,
        };
        var stream = new ActivationStreamOptions { BufferRows = 256, Checkpoint = checkpoint.Length == 0 ? null : checkpoint, CheckpointEvery = 7 };
        var prompts = Enumerable.Range(0, 1200).Select(i => TinyModel.Tokens(TinyModel.Gpt2, 2, 8, 100 + i));
        try
        {
            using var dictionary = model.TrainDictionary(Config, prompts, options, stream, new Printer());
            Safetensors.Write(result, dictionary.Weights.Named());
            return 0;
        }
        catch (IOException problem)
        {
            Console.Error.WriteLine(problem.Message);
            return 1;
        }
    }

    /// <summary>Starts it.</summary>
    /// <param name="checkpoint">Where it keeps its checkpoint; empty for none.</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="result">Where the weights go.</param>
    /// <param name="fileLimit">The most KiB a file may have; 0 for no limit.</param>
    public static Process Start(string checkpoint, int steps, string result, int fileLimit = 0)
    {
        var program = typeof(ChildProgram).Assembly.Location;
        // With the signal ignored a write beyond the limit fails as on a full disk; the runtime's own double mapping is a large file too.
        var script = (fileLimit > 0 ? $"trap '' XFSZ; ulimit -f {fileLimit}; export DOTNET_EnableWriteXorExecute=0; " : "") + "exec dotnet \"$@\"";
        var start = new ProcessStartInfo("bash", ["-c", script, "child", program, checkpoint, steps.ToString(CultureInfo.InvariantCulture), result])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["INTERP_QUIET"] = "1";
        return Process.Start(start)!;
    }

    private sealed class Printer : IProgress<DictionaryStep>
    {
        public void Report(DictionaryStep value) => Console.WriteLine(value.Number);
    }
}
