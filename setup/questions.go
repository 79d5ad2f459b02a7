package setup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"maunium.net/go/mautrix/id"

	"wolkwijs/bot"
	"wolkwijs/config"
	"wolkwijs/lang"
)

// askHomeserver finds the homeserver and how to log in there.
func (w *work) askHomeserver(ctx context.Context) error {
	return w.settle(ctx, question{text: textHomeserver, flag: "--homeserver"}, w.o.Homeserver, func(answer string) error {
		if strings.HasPrefix(answer, "@") { // a user ID tells its server
			w.o.User = cmp.Or(w.o.User, answer)
			_, answer, _ = strings.Cut(answer, ":")
		}
		answer = strings.TrimRight(answer, "/")
		plain, err := takes(answer, "", "")
		if err != nil {
			return w.fault(textHomeserverWrong, err)
		}
		found, err := bot.FindHomeserver(ctx, answer)
		if err != nil {
			return w.trouble(err, answer)
		}
		w.server, w.values.homeserver = found, answer
		w.good(textHomeserverGood, found.BaseURL)
		if plain {
			w.say(textPlain)
		}
		return nil
	})
}

// askAccount settles who the bot is, and logs in to see whether that works.
func (w *work) askAccount(ctx context.Context) error {
	if !w.server.Password {
		w.say(textOAuth)
		return w.askUser(ctx, true)
	}
	for {
		if err := w.askUser(ctx, false); err != nil {
			return err
		}
		err := w.askPassword(ctx)
		var fault *Fault
		if !errors.As(err, &fault) || w.o.Yes {
			return err
		}
		fmt.Fprintln(w.out, "  ✗", fault)
		asked := w.ownPassword()
		w.o.User, w.o.Password, w.o.PasswordFile = "", "", ""
		// The password now goes into a file made here.
		if file := w.o.Files.Password(); !asked && exists(file) {
			if err := w.mayReplace(ctx, []string{file}); err != nil {
				return err
			}
		}
	}
}

// askUser settles the account. The homeserver completes a localpart when the
// bot logs in by password; otherwise it has to be a whole user ID.
func (w *work) askUser(ctx context.Context, whole bool) error {
	q := question{text: textUser, flag: "--user"}
	server := w.serverName()
	return w.settle(ctx, q, w.o.User, func(answer string) error {
		user := answer
		if !strings.HasPrefix(user, "@") {
			user = "@" + user
		}
		if !strings.Contains(user, ":") && server != "" {
			user += ":" + server
		}
		if _, err := takes("", user, ""); err == nil {
			w.values.user = id.UserID(user)
			return nil
		} else if whole || strings.Contains(user, ":") || strings.ContainsAny(user, " \t") {
			return w.fault(textUserWrong, err)
		}
		w.values.user = id.UserID(strings.TrimPrefix(user, "@"))
		return nil
	})
}

// serverName is the server name of the homeserver's users, where the answer
// was one and no URL.
func (w *work) serverName() string {
	if strings.Contains(w.values.homeserver, "://") {
		return ""
	}
	return w.values.homeserver
}

// askPassword settles the password by logging in. A wrong one is a fault of
// user and password together.
func (w *work) askPassword(ctx context.Context) error {
	password, err := w.password(ctx)
	if err != nil {
		return err
	}
	visit, err := w.server.Visit(ctx, string(w.values.user), password)
	if err != nil {
		return w.trouble(err, string(w.values.user))
	}
	w.visit, w.values.user = visit, visit.UserID
	if w.ownPassword() {
		w.values.password = password
	}
	w.good(textLoggedIn, visit.UserID)
	if visit.OtherDevices > 0 {
		w.say(textOtherDevices, visit.OtherDevices)
	}
	return nil
}

// ownPassword says whether the password goes into a file made here. A service
// has an account of its own, which cannot read what another has given.
func (w *work) ownPassword() bool { return w.o.PasswordFile == "" || w.o.Files.Owner != "" }

// password reads the password from where it is, or asks for it.
func (w *work) password(ctx context.Context) (string, error) {
	switch {
	case w.o.PasswordFile != "":
		password, err := config.ReadSecret(w.o.PasswordFile)
		if err != nil {
			return "", fmt.Errorf("--password-file: %w", err)
		}
		return password, nil
	case w.o.Password != "":
		return w.o.Password, nil
	}
	var password string
	err := w.settle(ctx, question{text: textPassword, flag: "--password-file", hidden: true}, "", func(answer string) error {
		password = answer
		return nil
	})
	return password, err
}

// askRecoveryKey asks for the account's recovery key where the account is
// one that somebody has used with encryption before.
func (w *work) askRecoveryKey(ctx context.Context) error {
	if w.visit == nil || exists(w.o.Files.recovery()) {
		return nil
	}
	needed, err := w.visit.NeedsRecoveryKey(ctx)
	if err != nil {
		return w.trouble(err, string(w.values.user))
	}
	if !needed {
		return nil
	}
	if w.o.Yes {
		return w.fault(textRecoveryNeeded, nil, w.o.Files.recovery())
	}
	w.say(textRecovery)
	return w.settle(ctx, question{text: textRecoveryKey, hidden: true, option: true}, "", func(answer string) error {
		if err := w.visit.TryRecoveryKey(ctx, answer); err != nil {
			return w.trouble(err, "")
		}
		w.values.recovery = answer
		w.good(textRecoveryGood)
		return nil
	})
}

// askRoom settles the club room, and joins it if the bot may.
func (w *work) askRoom(ctx context.Context) error {
	return w.settle(ctx, question{text: textRoom, flag: "--room", option: true}, w.o.Room, func(answer string) error {
		room := fromLink(answer)
		if room != "" && !strings.ContainsAny(room[:1], "#!") {
			room = "#" + room
		}
		if strings.HasPrefix(room, "#") && !strings.Contains(room, ":") {
			room += ":" + w.values.user.Homeserver()
		}
		if _, err := takes("", "", room); err != nil {
			return w.fault(textRoomWrong, err)
		}
		if room[0] == '#' {
			if _, err := w.server.FindRoom(ctx, id.RoomAlias(room)); err != nil {
				return w.trouble(err, room)
			}
		}
		w.values.room = room
		if w.visit == nil {
			w.say(textInviteLater, w.values.user)
			return nil
		}
		err := w.visit.Join(ctx, room)
		switch {
		case err == nil:
			w.joined = true
			w.good(textJoined, room)
		case errors.Is(err, bot.ErrNotInvited):
			w.say(textInviteLater, w.values.user)
		default:
			return w.trouble(err, room)
		}
		return nil
	})
}

// fromLink takes a room out of a matrix.to link, which is what clients copy.
func fromLink(s string) string {
	_, after, ok := strings.Cut(s, "matrix.to/#/")
	if !ok {
		return s
	}
	after, _, _ = strings.Cut(after, "?")
	if room, err := url.PathUnescape(after); err == nil {
		return room
	}
	return after
}

// askAdmin settles who looks after the bot.
func (w *work) askAdmin(ctx context.Context) error {
	return w.settle(ctx, question{text: textAdmin, flag: "--admin", option: true}, w.o.Admin, func(answer string) error {
		admin := answer
		if !strings.HasPrefix(admin, "@") {
			admin = "@" + admin
		}
		if !strings.Contains(admin, ":") {
			admin += ":" + w.values.user.Homeserver()
		}
		if _, err := takes("", admin, ""); err != nil {
			return w.fault(textUserWrong, err)
		}
		if id.UserID(admin) == w.values.user {
			return w.fault(textAdminIsBot, nil)
		}
		if w.visit != nil {
			if err := w.visit.Knows(ctx, id.UserID(admin)); err != nil {
				return w.trouble(err, admin)
			}
		}
		w.values.admin = id.UserID(admin)
		return nil
	})
}

// askResolver tries the resolver, and asks for another where it is of no use.
// That may be left for later: the bot works without, but for looking domains up.
func (w *work) askResolver(ctx context.Context) error {
	w.values.resolver = "system"
	given := w.o.Resolver
	if given == "" {
		given = "system"
	}
	return w.settle(ctx, question{text: textResolver, flag: "--resolver", option: true}, given, func(answer string) error {
		verdict, answers, err := w.o.Resolve(ctx, answer)
		switch {
		case err != nil:
			return w.fault(textResolverWrong, err, answer)
		case !answers && w.o.Yes && w.o.Resolver == "":
			w.say(textResolverLater)
			return nil
		case !answers:
			return w.fault(textResolverSilent, nil, answer)
		}
		w.values.resolver = answer
		w.good(verdict)
		return nil
	})
}

// takes says whether the configuration takes a homeserver, a user ID and an
// entry of those who may invite. Empty ones are not looked at. plain says
// that what is sent there could be read on the way.
func takes(homeserver, user, inviter string) (plain bool, err error) {
	text := fmt.Sprintf("[matrix]\nhomeserver = %s\nuser_id = %s\nallow_invites_from = [%s]\n",
		quote(cmp.Or(homeserver, "https://matrix.example.org")),
		quote(cmp.Or(user, "@wolkwijs:example.org")),
		quote(cmp.Or(inviter, "example.org")))
	_, warnings, err := config.Parse("answer", []byte(text))
	for _, warning := range warnings {
		plain = plain || strings.Contains(warning, "matrix.homeserver")
	}
	return plain, err
}

// trouble turns what went wrong at the homeserver into a sentence.
func (w *work) trouble(err error, what string) error {
	for _, known := range troubles {
		if errors.Is(err, known.why) {
			if strings.Contains(known.text.NL, "%s") {
				return w.fault(known.text, err, what)
			}
			return w.fault(known.text, err)
		}
	}
	return err
}

// troubles are the ways in which a homeserver can disappoint.
var troubles = []struct {
	why  error
	text lang.Text
}{
	{bot.ErrNoSuchHost, textNoSuchHost},
	{bot.ErrUnreachable, textUnreachable},
	{bot.ErrCertificate, textCertificate},
	{bot.ErrNotMatrix, textNotMatrix},
	{bot.ErrNoLogin, textNoLogin},
	{bot.ErrRefused, textRefused},
	{bot.ErrTooMany, textTooMany},
	{bot.ErrNotFound, textNotFound},
	{bot.ErrWrongKey, textWrongKey},
}
