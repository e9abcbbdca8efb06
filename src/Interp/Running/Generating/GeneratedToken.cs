namespace Interp;

/// <summary>One token of a text that is being written.</summary>
/// <param name="Row">Which text: prompt after prompt, and within a prompt sample after sample.</param>
/// <param name="Step">Which of its new tokens, counted from 0.</param>
/// <param name="Id">The token; a stop token is reported although it is not part of the text.</param>
/// <param name="Text">The text that can be shown since the row's last token: empty while a character is incomplete or a stop string may have begun.</param>
/// <param name="LogProbability">The model's own log-probability of the token, before penalty and filters, in nats.</param>
/// <param name="Stop">Why the row ends with this token; null while it goes on.</param>
public readonly record struct GeneratedToken(int Row, int Step, int Id, string Text, double LogProbability, StopReason? Stop);
