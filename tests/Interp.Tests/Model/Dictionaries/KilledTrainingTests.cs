namespace Interp.Tests.Model.Dictionaries;

using System.Globalization;
using Interp.Tests.Support;
using Shouldly;
using Xunit;

/// <summary>Trainings in processes of their own, which are killed or cannot write.</summary>
[Trait("Tier", "model")]
public sealed class KilledTrainingTests
{
    private const int Steps = 200;

    [SkippableFact]
    public void TrainDictionary_KilledInTheMiddle_ResumesToTheSameBits()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "needs bash");
        using var folder = new TemporaryFolder();
        var (checkpoint, whole, resumed) = (folder.File("training.safetensors"), folder.File("whole"), folder.File("resumed"));
        using (var child = ChildProgram.Start("", Steps, whole))
            Finish(child).ShouldBe(0);
        using (var child = ChildProgram.Start(checkpoint, Steps, resumed))
        {
            while (int.Parse(child.StandardOutput.ReadLine() ?? throw new InvalidOperationException(child.StandardError.ReadToEnd()), CultureInfo.InvariantCulture) < 95)
            {
            }
            child.Kill(); // SIGKILL: nothing of the process runs afterwards
            child.WaitForExit();
            child.ExitCode.ShouldBe(137);
        }
        File.Exists(resumed).ShouldBeFalse();
        using (var child = ChildProgram.Start(checkpoint, Steps, resumed))
        {
            var first = int.Parse(child.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
            Finish(child).ShouldBe(0);
            var equal = File.ReadAllBytes(resumed).AsSpan().SequenceEqual(File.ReadAllBytes(whole));
            Evidence.Record("sae-resume", equal, $"killed after step 95 of {Steps}, resumed from step {first}: {(equal ? "equal" : "different")}");
            first.ShouldBeInRange(1, Steps - 1);
            (first % 7).ShouldBe(0);
            equal.ShouldBeTrue();
        }
        Directory.GetFiles(folder.Path).Length.ShouldBe(3); // no half-written checkpoint is left
    }

    [SkippableFact]
    public void TrainDictionary_NoRoomForACheckpoint_SaysSoAndTheLastGoodOneStays()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "needs bash");
        using var folder = new TemporaryFolder();
        var (checkpoint, whole, resumed) = (folder.File("training.safetensors"), folder.File("whole"), folder.File("resumed"));
        using (var child = ChildProgram.Start("", 60, whole))
            Finish(child).ShouldBe(0);
        using (var child = ChildProgram.Start(checkpoint, 20, folder.File("early")))
            Finish(child).ShouldBe(0);
        var good = File.ReadAllBytes(checkpoint);
        using (var child = ChildProgram.Start(checkpoint, 60, resumed, fileLimit: 8))
        {
            child.StandardOutput.ReadToEnd().ShouldStartWith("20\n");
            var message = child.StandardError.ReadToEnd();
            child.WaitForExit();
            child.ExitCode.ShouldBe(1, message);
            message.ShouldContain("The checkpoint after step 21 could not be written");
            message.ShouldContain("The last good one is still there");
        }
        File.ReadAllBytes(checkpoint).AsSpan().SequenceEqual(good).ShouldBeTrue();
        Directory.GetFiles(folder.Path, "*.part").ShouldBeEmpty();
        using (var child = ChildProgram.Start(checkpoint, 60, resumed))
            Finish(child).ShouldBe(0);
        var equal = File.ReadAllBytes(resumed).AsSpan().SequenceEqual(File.ReadAllBytes(whole));
        Evidence.Record("sae-disk-full", equal, $"a write beyond 8 KiB fails after step 21: error said, the checkpoint of step 20 unchanged, resumed from it: {(equal ? "equal" : "different")} weights");
        equal.ShouldBeTrue();
    }

    private static int Finish(System.Diagnostics.Process child)
    {
        var errors = child.StandardError.ReadToEndAsync();
        child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        return child.ExitCode == 0 ? 0 : throw new InvalidOperationException(errors.Result);
    }
}
